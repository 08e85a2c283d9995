-- One draw of the noise that blurs a count of people: the difference of two geometric variables, so that n is drawn with
-- a probability in proportion to exp(-|n| / 2). From the server's strong generator, for whoever could tell the next draw
-- could take it off again.
create or replace function blur_noise() returns integer language sql volatile as $$
  select sum(sign * floor(-2 * ln(1 - ('x' || left(replace(gen_random_uuid()::text, '-', ''), 12))::bit(48)::bigint
    / 281474976710656.0)))::integer
  from (values (1), (-1)) as two (sign)
$$;
