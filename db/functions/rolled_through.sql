-- Everything booked before this instant is in the roll-up, and nothing else is; -infinity while there is none. A plain
-- read.
create or replace function rolled_through() returns timestamptz language sql stable as $$
  select coalesce((select through from roll_up), '-infinity')
$$;
