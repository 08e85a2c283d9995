-- What is said of a count of people: with its noise, to the next multiple of five, never below nothing nor above
-- `p_most`, which is such a multiple. With blur_noise, whatever is said is at most exp(1/2) times as likely with one
-- person as without him. Immutable.
create or replace function blurred(p_count integer, p_noise integer, p_most integer)
returns integer language sql immutable parallel safe as $$
  select least(greatest((5 * round((p_count + p_noise) / 5.0))::integer, 0), p_most)
$$;
