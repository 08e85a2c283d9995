-- How many units of a benefit a member has claimed in [starts, ends), by when they will be used: what
-- a limit is held against, besides uses that no claim brought. Who waits, or is offered a place, has
-- nothing yet; what was used or let go by stays counted. One index range; inlinable as a row source;
-- exact only under the member's lock.
create or replace function member_claims(
  p_cell smallint,
  p_member bigint,
  p_benefit integer,
  starts timestamptz,
  ends timestamptz
) returns table (claimed integer) language sql stable as $$
  -- The states are a filter of the sum, not of the rows: an index by states would look as good while the
  -- table is small, and that plan is kept when it is not.
  select coalesce(
    sum(c.quantity) filter (
      where c.state in ('entered', 'asked', 'held', 'confirmed', 'used', 'no_show')
    ),
    0
  )::integer
  from claim c
  where c.cell = p_cell and c.member_id = p_member and c.benefit_id = p_benefit
    and c.at >= starts and c.at < ends
$$;
