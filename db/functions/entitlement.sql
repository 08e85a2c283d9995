-- What a member may get of one benefit at an instant: the reason why not, null when he may
-- (redeem's own order, for one unit), his units left in the period, and the places left for him,
-- home and shared; `places_most` is the most that one redemption may take, which comes from one
-- pool; `is_topped`: it would come from a top-up. `admission` is what admission_refusal says, and
-- `admitted` null asks about no partner's caps. `card` and `pass` null ask about no pass in
-- particular, `host` null about no district. With an `outlet`, a benefit that is claimed is what the
-- member's claim gives him there, `claim_id`; without, what he may still claim. A plain read that
-- locks nothing; inlinable as a row source.
create or replace function entitlement(
  m member,
  employer trade_union,
  b benefit,
  host integer,
  outlet integer,
  admission text,
  admitted benefit_partner,
  card bigint,
  card_kind text,
  pass bigint,
  at timestamptz
) returns table (
  reason text,
  member_left integer,
  places_left integer,
  places_most integer,
  is_topped boolean,
  claim_id uuid
)
language sql stable as $$
  select
    coalesce(
      benefit_refusal(
        b, host, admission,
        case
          when b.claim_kind is null or outlet is null then audience_refusal(b, m, employer, at)
          when mine.id is null then 'claim_needed'
          else mine.refusal
        end,
        mine.id is not null or home.id is not null or shared.id is not null, 1, 1, at, at
      ),
      case
        when exists (
          select from redemption r
          where r.cell = m.cell and r.card_number = card and r.jti = pass and r.benefit_id = b.id
            and r.variance is null
        ) then 'pass_already_used'
        when mine.id is null and u.used + c.claimed >= limit_of(b, m.family_size, card_kind)
          then 'limit_reached'
        when mine.id is null and k.units < 1 then 'category_limit_reached'
        when day_left(admitted, at) < 1 then 'partner_day_cap_reached'
        when admitted.cap - admitted.used < 1 then 'partner_cap_reached'
        when mine.id is null
          and not coalesce(greatest(home_most(home), places_left(shared, at)) > 0, false)
          then 'quota_exhausted'
      end
    ),
    coalesce(
      mine.quantity - mine.used,
      greatest(least(limit_of(b, m.family_size, card_kind) - u.used - c.claimed, k.units), 0)
    ),
    coalesce(own_left(home) + topped_left(home), 0) + coalesce(places_left(shared, at), 0),
    greatest(
      least(
        coalesce(mine.quantity - mine.used, greatest(home_most(home), places_left(shared, at))),
        admitted.cap - admitted.used, day_left(admitted, at)
      ),
      0
    ),
    coalesce(mine.is_topped, topped_left(home) > 0 and own_left(home) < 1, false),
    mine.id
  from member_uses(
    m.cell, m.id, b.id, limit_start(b.limit_period, b.limit_days, at),
    limit_end(b.limit_period, b.limit_days, at)
  ) u
  cross join member_claims(
    m.cell, m.id, b.id, limit_start(b.limit_period, b.limit_days, at),
    limit_end(b.limit_period, b.limit_days, at)
  ) c
  cross join lateral (
    select case when exists (
      select from category_limit l where l.union_id = any (employer.path) and l.kind = b.kind
    ) then category_left(m.cell, m.id, b.kind, employer.id, at) end as units
  ) k
  left join lateral (
    select f.* from claim_at(m.cell, m.id, b.id, outlet, at) f
    where b.claim_kind is not null and outlet is not null
  ) mine on true
  left join allocation home on home.benefit_id = b.id and home.district_id = employer.district_id
    and home.starts_at = period_start(b.quota_period, at)
  left join allocation shared on shared.benefit_id = b.id and shared.district_id is null
    and shared.starts_at = period_start(b.quota_period, at)
$$;
