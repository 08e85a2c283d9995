-- How many units of a benefit a member has used in [starts, ends), by the time of the scan; reversed
-- ones and those charged to variance are not counted, nor those that a claim brought, which counts
-- itself (member_claims): what a limit is held against. One index range;
-- inlinable as a row source; exact only under the member's lock.
create or replace function member_uses(
  p_cell smallint,
  p_member bigint,
  p_benefit integer,
  starts timestamptz,
  ends timestamptz
) returns table (used integer) language sql stable as $$
  select coalesce(sum(r.quantity), 0)::integer
  from redemption r
  where r.cell = p_cell and r.member_id = p_member and r.benefit_id = p_benefit
    and r.at >= starts and r.at < ends
    -- Follows, as nothing is booked before it was scanned: the index of a member's redemptions is by
    -- this time.
    and r.booked_at >= starts
    and r.reversed_at is null and r.variance is null and r.claim_id is null
$$;
