-- What a person needs to hear beside a refusal, null where the reason says it all.
-- pass_already_used: when and where that pass was used. limit_reached: the last use in the period,
-- and when the next one is possible. Closed windows: when it is possible again. card_replaced:
-- when. `again` is null where it never is. Reads only; plpgsql, so that its plans are kept.
create or replace function refusal_detail(
  reason text,
  p_cell smallint,
  p_member bigint,
  p_card bigint,
  p_jti bigint,
  p_benefit integer,
  p_at timestamptz
) returns jsonb language plpgsql stable as $$
declare
  b benefit;
  last redemption;
  again timestamptz;
begin
  case reason
    when 'pass_already_used' then
      select * into last from redemption r
      where r.cell = p_cell and r.card_number = p_card and r.jti = p_jti and r.benefit_id = p_benefit
        and r.variance is null;
    when 'limit_reached' then
      select * into b from benefit where id = p_benefit;
      select * into last from redemption r
      where r.cell = p_cell and r.member_id = p_member and r.benefit_id = p_benefit
        and r.at >= period_start(b.limit_period, p_at) and r.at < period_end(b.limit_period, p_at)
        and r.booked_at >= period_start(b.limit_period, p_at)
        and r.reversed_at is null and r.variance is null
      order by r.at desc limit 1;
      again := next_opening(b, period_end(b.limit_period, p_at));
    when 'benefit_not_started', 'benefit_not_today', 'benefit_not_at_this_hour' then
      return (
        select jsonb_build_object('again', iso(next_opening(w, p_at)))
        from benefit w where w.id = p_benefit
      );
    when 'card_replaced' then
      return (
        select jsonb_build_object('at', iso(c.ended_at))
        from card c where c.cell = p_cell and c.number = p_card
      );
    else
      return null;
  end case;
  return coalesce(
    (
      select jsonb_build_object(
        'at', iso(last.at),
        'outletZh', t.name_zh, 'outletEn', t.name_en,
        'districtZh', d.name_zh, 'districtEn', d.name_en,
        'again', iso(again)
      )
      from outlet t join trade_union d on d.id = t.district_id
      where t.id = last.outlet_id
    ),
    jsonb_build_object('again', iso(again))
  );
end
$$;
