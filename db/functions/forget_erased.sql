-- Deletes the last that could tell who an erased member was, the hash of his ID number and his mark, three years
-- after: as long as a claim over what he used may still be raised (Civil Code, article 188). Answers
-- how many were forgotten. Safe at any time, also twice at once.
create or replace function forget_erased() returns integer language sql volatile as $$
  with forgotten as (
    update member set id_hash = null, erased_mark = null
    where erased_at < (select clock() - interval '3 years')
      and (id_hash is not null or erased_mark is not null)
    returning 1
  )
  select count(*)::integer from forgotten
$$;
