-- How many units of a benefit a member has used in [starts, ends), by the time of the scan,
-- reversed ones not counted: what a limit is held against. With `as_of` it tells what it was right
-- after the booking at that instant. One index range; inlinable as a row source; exact only under
-- the member's lock.
create or replace function member_uses(
  p_cell smallint,
  p_member bigint,
  p_benefit integer,
  starts timestamptz,
  ends timestamptz,
  as_of timestamptz default 'infinity'
) returns table (used integer) language sql stable as $$
  select coalesce(sum(r.quantity), 0)::integer
  from redemption r
  where r.cell = p_cell and r.member_id = p_member and r.benefit_id = p_benefit
    and r.at >= starts and r.at < ends
    and (as_of = 'infinity' or r.booked_at <= as_of)
    and (r.reversed_at is null or r.reversed_at >= as_of)
$$;
