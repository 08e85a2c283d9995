-- What was booked on the local days from p_from to p_to, both among them, in the shape of `use_day` and not added up: the
-- roll-up as far as it goes, and what came after it off the live tables. One snapshot tells both. A plain read; inlinable.
create or replace function uses_of_days(p_from date, p_to date)
returns table (
  day date,
  owner_id integer,
  home_id integer,
  host_id integer,
  redemptions integer,
  quantity integer,
  paid_fen bigint
)
language sql stable as $$
  select d.day, d.owner_id, d.home_id, d.host_id, d.redemptions, d.quantity, d.paid_fen
  from use_day d
  where d.day between p_from and p_to
  union all
  select b.day, b.owner_id, b.home_id, b.host_id, b.redemptions, b.quantity, b.paid_fen
  from uses_between(
    greatest((select rolled_through()), day_begin(p_from)), day_begin(p_to + 1)
  ) b
$$;
