-- The claim that a member would use up of a benefit at an outlet at an instant, and why it does not
-- count there and then, null where it does: claim_not_here (its session is at another outlet),
-- claim_not_now (before its session's door opens, or after its end). One that counts comes first,
-- then the next in time; no row for who has none that is confirmed, or a code to use it with instead. `outlet` null asks about no
-- outlet in particular. A plain read of the member's few claims; inlinable as a row source; exact
-- only under the member's lock.
create or replace function claim_at(
  p_cell smallint,
  p_member bigint,
  p_benefit integer,
  p_outlet integer,
  p_at timestamptz
) returns table (
  id uuid,
  quantity smallint,
  used smallint,
  allocation_id integer,
  is_shared boolean,
  is_topped boolean,
  price_fen integer,
  refusal text
) language sql stable rows 1 as $$
  select c.id, c.quantity, c.used, c.allocation_id, a.district_id is null, c.is_topped, s.price_fen,
    d.refusal
  from claim c
  join claim_terms t on t.benefit_id = c.benefit_id
  join allocation a on a.id = c.allocation_id
  left join session s on s.id = c.session_id
  cross join lateral (
    select case
      when s.outlet_id <> p_outlet then 'claim_not_here'
      when p_at < s.starts_at - make_interval(mins => t.door_minutes) or p_at >= s.ends_at
        then 'claim_not_now'
    end as refusal
  ) d
  where c.cell = p_cell and c.member_id = p_member and c.benefit_id = p_benefit
    and c.state = 'confirmed'
    and not exists (select from offer_code k where k.cell = c.cell and k.claim_id = c.id)
  order by d.refusal is not null, c.at, c.id
  limit 1
$$;
