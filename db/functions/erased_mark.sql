-- What a person without an ID number on file is known again by when he has had his data deleted: a digest of the keyed
-- hash of his phone and his name together, so that neither alone tells who he was, and a phone that was given out anew
-- finds nobody of another name. Null without a phone. Inlinable; touches nothing.
create or replace function erased_mark(phone_hash text, name text) returns bytea
language sql immutable parallel safe as $$
  select sha256(convert_to(phone_hash || name, 'UTF8'))
$$;
