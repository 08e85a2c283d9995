-- What a person needs to hear beside a refusal, null where the reason says it all.
-- pass_already_used: when and where that pass was used. limit_reached: the limit, the last use in the
-- period, and when the next one is possible; category_limit_reached: of any benefit of that kind.
-- partner_day_cap_reached: when it is possible there again. Closed windows: when it is possible
-- again. card_replaced: when. `again` is null where it never is. Reads only; plpgsql, so that its
-- plans are kept.
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
  units_max integer;
begin
  case reason
    when 'pass_already_used' then
      select * into last from redemption r
      where r.cell = p_cell and r.card_number = p_card and r.jti = p_jti and r.benefit_id = p_benefit
        and r.variance is null;
    when 'limit_reached' then
      select * into b from benefit where id = p_benefit;
      select limit_of(b, m.family_size, c.kind) into units_max
      from member m
      left join card c on c.cell = m.cell and c.number = p_card
      where m.cell = p_cell and m.id = p_member;
      select * into last from redemption r
      where r.cell = p_cell and r.member_id = p_member and r.benefit_id = p_benefit
        and r.at >= limit_start(b.limit_period, b.limit_days, p_at)
        and r.at < limit_end(b.limit_period, b.limit_days, p_at)
        and r.booked_at >= limit_start(b.limit_period, b.limit_days, p_at)
        and r.reversed_at is null and r.variance is null
      order by r.at desc limit 1;
      again := next_opening(b, case
        when b.limit_period <> 'rolling' then period_end(b.limit_period, p_at)
        else (
          -- With the uses up to this one gone, one more has room.
          select limit_end(b.limit_period, b.limit_days, max(u.at))
          from (
            select r.at, sum(r.quantity) over (order by r.at desc, r.id) as units
            from redemption r
            where r.cell = p_cell and r.member_id = p_member and r.benefit_id = p_benefit
              and r.at >= limit_start(b.limit_period, b.limit_days, p_at)
              and r.booked_at >= limit_start(b.limit_period, b.limit_days, p_at)
              and r.reversed_at is null and r.variance is null
          ) u
          where u.units >= units_max
        )
      end);
    when 'category_limit_reached' then
      select * into b from benefit where id = p_benefit;
      select max(period_end(l.limit_period, p_at)) into again
      from affiliation a
      join trade_union u on u.id = a.union_id
      join category_limit l on l.union_id = any (u.path) and l.kind = b.kind
      where a.cell = p_cell and a.member_id = p_member and a.ended_at is null
        and l.limit_count <= (
          select sum(r.quantity)
          from redemption r
          join benefit other on other.id = r.benefit_id and other.kind = b.kind
          where r.cell = p_cell and r.member_id = p_member
            and r.at >= period_start(l.limit_period, p_at) and r.at < period_end(l.limit_period, p_at)
            and r.booked_at >= period_start(l.limit_period, p_at)
            and r.reversed_at is null and r.variance is null
        );
      again := next_opening(b, again);
      select r.* into last
      from redemption r
      join benefit other on other.id = r.benefit_id and other.kind = b.kind
      where r.cell = p_cell and r.member_id = p_member
        and r.booked_at >= p_at - interval '31 days' and r.at <= p_at
        and r.reversed_at is null and r.variance is null
      order by r.at desc limit 1;
    when 'partner_day_cap_reached' then
      return (
        select jsonb_build_object('again', iso(next_opening(w, period_end('day', p_at))))
        from benefit w where w.id = p_benefit
      );
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
  ) || case
    when units_max is null then '{}'
    else jsonb_build_object(
      'limit',
      jsonb_build_object('count', units_max, 'period', b.limit_period, 'days', b.limit_days)
    )
  end;
end
$$;
