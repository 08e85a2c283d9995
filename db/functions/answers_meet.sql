-- Whether the answers of a sign-up are answers to its questions: each of them is to one, each question that
-- requires one has it, a choice is one of its options, a text is not longer (a thousand characters where the
-- question does not say, as the form takes), and a number is whole and not outside of what the question takes. Asked by answers_fit; touches nothing.
create or replace function answers_meet(questions jsonb, answers jsonb) returns boolean
language sql immutable parallel safe as $$
  select jsonb_typeof(answers) = 'object'
    and not exists (
      select from jsonb_object_keys(answers) as k (id)
      where not exists (
        select from jsonb_array_elements(questions) as q (asked) where q.asked ->> 'id' = k.id
      )
    )
    and not exists (
      select from jsonb_array_elements(questions) as q (asked)
      cross join lateral (select answers -> (q.asked ->> 'id') as given) a
      where not case
        when a.given is null then not (q.asked -> 'isRequired')::boolean
        when q.asked ->> 'kind' = 'choice' then exists (
          select from jsonb_array_elements(q.asked -> 'options') as o (option)
          where o.option -> 'id' = a.given
        )
        when q.asked ->> 'kind' = 'text' then jsonb_typeof(a.given) = 'string'
          and char_length(a.given #>> '{}') between 1 and coalesce((q.asked ->> 'max')::integer, 1000)
        else jsonb_typeof(a.given) = 'number'
          and case
            when jsonb_typeof(a.given) = 'number' then (a.given #>> '{}')::numeric % 1 = 0
              and (a.given #>> '{}')::numeric
              between coalesce((q.asked ->> 'min')::numeric, -1000000000)
              and coalesce((q.asked ->> 'max')::numeric, 1000000000)
          end
      end
    )
$$;
