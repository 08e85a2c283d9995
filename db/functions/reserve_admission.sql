-- Reserves anew what the uses that an admission still allows may cost the partner's district: the host's
-- and the headquarters' shares of its price, which no allocation can know. In the budget of the
-- running year, or that of the benefit's start. Nothing without a cap, and for one that has ended.
-- Refusals are those of reserve(); locks the budgets, under the benefit's lock.
create or replace function reserve_admission(p_benefit integer, p_partner integer, p_checks boolean default true)
returns void language plpgsql as $$
declare
  of record;
begin
  select year_of(greatest(clock(), b.starts_at)) as year, p.union_id,
    case when a.cap is null or a.state = 'ended' or b.stage = 'ended' then 0 else (
      select coalesce(sum((split_most(b.funding, coalesce(a.price_fen, b.price_fen)))[share.place]), 0)
      from jsonb_array_elements(b.funding) with ordinality as share (rule, place)
      where share.rule ->> 'payer' in ('host', 'headquarters')
    ) end as unit_fen
  into of
  from benefit_partner a
  join benefit b on b.id = a.benefit_id
  join partner p on p.id = a.partner_id
  where a.benefit_id = p_benefit and a.partner_id = p_partner;
  perform lock_budgets(p_benefit);
  perform reserve(of.year, null, p_benefit, p_partner, case when of.unit_fen > 0 then
    jsonb_build_array(jsonb_build_object(
      'part', 'admission', 'unionId', of.union_id, 'unitFen', of.unit_fen)) else '[]' end, p_checks);
end
$$;
