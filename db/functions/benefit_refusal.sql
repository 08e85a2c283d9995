-- Why a member may not use a benefit at an instant, null when he may: the one home of eligibility,
-- asked by redeem, claim, preview and catalogue. Answers, in this order: benefit_unknown (also while
-- it is a draft or on trial), benefit_paused, benefit_not_started, benefit_ended, benefit_not_today,
-- benefit_not_at_this_hour, what `admission` says (admission_refusal: partner_paused,
-- partner_not_admitted), district_not_valid, what `audience` says (audience_refusal; where a claim
-- stands for it claim_needed, claim_not_here or claim_not_now), no_allocation, quantity_too_large. Pure and inlinable: its caller brings the rows, it locks and reads nothing.
-- `host` null asks about no district in particular. A pause counts from `standing_at` on, all else is
-- judged at `at`.
create or replace function benefit_refusal(
  b benefit,
  host integer,
  admission text,
  audience text,
  has_allocation boolean,
  quantity integer,
  quantity_max integer,
  at timestamptz,
  standing_at timestamptz
) returns text language sql stable parallel safe as $$
  select coalesce(
    case
      when b.id is null or b.stage in ('draft', 'test') then 'benefit_unknown'
      when b.paused_at <= standing_at then 'benefit_paused'
      when at < b.starts_at then 'benefit_not_started'
      when at >= b.ends_at or b.stage = 'ended' then 'benefit_ended'
      when extract(isodow from at at time zone 'Asia/Shanghai') <> all (b.weekdays)
        then 'benefit_not_today'
      when floor(extract(epoch from (at at time zone 'Asia/Shanghai')::time) / 60)
        not between b.opens_minute and b.closes_minute - 1 then 'benefit_not_at_this_hour'
    end,
    admission,
    case when host <> all (b.valid_districts) then 'district_not_valid' end,
    audience,
    case
      when not has_allocation then 'no_allocation'
      when quantity > quantity_max then 'quantity_too_large'
    end
  )
$$;
