-- What a scan shows before anything is redeemed: `{card, jti, kid, exp, outlet, user, sessionAt}`
-- to `{scannedAt, refusal, detail, cell, maskedName, cardKind, benefits}`. A standing_refusal
-- answers alone, without the member's name; else every benefit of the outlet's partner comes with
-- redeem's own reason for one unit (null: usable), usable ones first. Prices are what the partner
-- gets; coPaymentFen is what the member would pay of one unit at the counter. quantityMax is what
-- one redemption may take now. `session` is that of the claim that it would use up, or that stands in
-- the way; `walkIn`: he has none, and may be let in to this session now (admit_walk_in). Locks and
-- writes nothing; time is the database's.
create or replace function preview(p_scan jsonb) returns jsonb language plpgsql
set plan_cache_mode = force_generic_plan
set join_collapse_limit = 1
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
as $$
declare
  now timestamptz := clock();
  scan record;
begin
  select q.*, c.cell, c.member_id, c.kind as card_kind, m.name, t.partner_id,
    t.district_id as host_id, e.id as employer_id,
    standing_refusal(
      u, q."sessionAt", o, posted.operator_id is not null, t, c, a, k, q.exp, now, null, now, now
    ) as refusal
  into scan
  from jsonb_to_record(p_scan) as q (
    card bigint, jti bigint, kid smallint, exp bigint, outlet integer,
    "user" text, "sessionAt" timestamptz
  )
  left join auth_user u on u.id = q."user"
  left join outlet t on t.id = q.outlet
  left join operator o on o.user_id = q."user" and o.partner_id = t.partner_id
  left join operator_outlet posted on posted.operator_id = o.id and posted.outlet_id = t.id
  left join card c on c.cell = (q.card >> 34)::smallint and c.number = q.card
  left join member m on m.cell = c.cell and m.id = c.member_id
  left join affiliation a on a.cell = c.cell and a.member_id = c.member_id and a.ended_at is null
  left join trade_union e on e.id = a.union_id
  left join signing_key k on k.kid = q.kid;

  if scan.refusal is not null then
    return jsonb_build_object(
      'scannedAt', iso(now),
      'refusal', scan.refusal,
      'detail', refusal_detail(scan.refusal, scan.cell, scan.member_id, scan.card, scan.jti, null, now),
      'cell', null, 'maskedName', null, 'cardKind', null, 'benefits', '[]'::jsonb
    );
  end if;

  return (
    select jsonb_build_object(
      'scannedAt', iso(now), 'refusal', null, 'detail', null,
      'cell', scan.cell, 'maskedName', masked_name(scan.name), 'cardKind', scan.card_kind,
      'benefits', coalesce(
        jsonb_agg(
          jsonb_build_object(
            'id', b.id, 'kind', b.kind, 'titleZh', b.title_zh, 'titleEn', b.title_en,
            'priceFen', least(admitted.price_fen, b.price_fen), 'faceValueFen', b.face_value_fen,
            'coPaymentFen', case
              when may.is_topped then 0
              else co_payment_fen(b.funding, least(admitted.price_fen, b.price_fen), 1)
            end,
            'quantityMax', case
              when scan.card_kind = 'printed' then 1
              else greatest(1, least(b.quantity_max, may.member_left, may.places_most))
            end,
            'reason', may.reason,
            'detail', refusal_detail(
              may.reason, scan.cell, scan.member_id, scan.card, scan.jti, b.id, now
            ),
            'memberLeft', may.member_left, 'quotaLeft', may.places_left,
            'session', brought.session, 'walkIn', door.session
          )
          order by may.reason is not null, b.ends_at, b.id
        ),
        '[]'
      )
    )
    from member m
    join trade_union employer on employer.id = scan.employer_id
    join benefit_partner admitted on admitted.partner_id = scan.partner_id
    join partner p on p.id = admitted.partner_id
    join benefit b on b.id = admitted.benefit_id
    cross join lateral entitlement(
      m, employer, b, scan.host_id, scan.outlet, admission_refusal(p, admitted, scan.outlet, now), admitted,
      scan.card, scan.card_kind, scan.jti, now
    ) may
    left join lateral (
      select session_brief(s) as session
      from claim l join session s on s.id = l.session_id
      where l.cell = scan.cell and l.id = may.claim_id
    ) brought on true
    left join lateral (
      select session_brief(s) || jsonb_build_object('left', walk_ins_left(s, t, now)) as session
      from session s join claim_terms t on t.benefit_id = s.benefit_id
      where may.reason = 'claim_needed' and s.benefit_id = b.id and s.outlet_id = scan.outlet
        and walk_ins_left(s, t, now) > 0 and may.member_left > 0 and may.places_left > 0
        and audience_refusal(b, m, employer, now) is null
      order by s.starts_at, s.id
      limit 1
    ) door on true
    where m.cell = scan.cell and m.id = scan.member_id
      and b.stage not in ('draft', 'test') and admitted.state <> 'testing'
  );
end
$$;
