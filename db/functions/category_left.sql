-- How many units of benefits of a kind a member may still use at an instant, by the strictest limit of
-- his union or one above it; null where there is none. Counts what he used and claimed (member_uses, member_claims), and what is about to be
-- written beside it, given by time and units. Exact only under the member's lock. plpgsql, so that
-- its plan is kept.
create or replace function category_left(
  p_cell smallint,
  p_member bigint,
  p_kind text,
  p_union integer,
  p_at timestamptz,
  p_here_at timestamptz[] default '{}',
  p_here_units integer[] default '{}'
) returns integer language plpgsql stable as $$
begin
  return (
    select min(l.limit_count - coalesce(there.units, 0) - coalesce(here.units, 0))
    from trade_union u
    join category_limit l on l.union_id = any (u.path) and l.kind = p_kind
    cross join lateral (
      select period_start(l.limit_period, p_at) as starts, period_end(l.limit_period, p_at) as ends
    ) of
    cross join lateral (
      select sum(t.units)::integer as units
      from (
        select r.quantity as units
        from redemption r
        join benefit b on b.id = r.benefit_id and b.kind = p_kind
        where r.cell = p_cell and r.member_id = p_member
          and r.at >= of.starts and r.at < of.ends and r.booked_at >= of.starts
          and r.reversed_at is null and r.variance is null and r.claim_id is null
        union all
        select c.quantity
        from claim c
        join benefit b on b.id = c.benefit_id and b.kind = p_kind
        where c.cell = p_cell and c.member_id = p_member and c.at >= of.starts and c.at < of.ends
          and c.state in ('entered', 'asked', 'held', 'confirmed', 'used', 'no_show')
      ) t
    ) there
    cross join lateral (
      select sum(h.units)::integer as units from unnest(p_here_at, p_here_units) as h (at, units)
      where h.at >= of.starts and h.at < of.ends
    ) here
    where u.id = p_union
  );
end
$$;
