-- Whether the answers of a sign-up are answers to its questions (answers_meet); where nothing is asked
-- and nothing answered, without a call. Inlinable; touches nothing.
create or replace function answers_fit(questions jsonb, answers jsonb) returns boolean
language sql immutable parallel safe as $$
  select questions = '[]' and answers = '{}' or answers_meet(questions, answers)
$$;
