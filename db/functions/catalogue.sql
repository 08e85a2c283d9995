-- What a member can use, near here, now (or claim, for the next time that it is open): every benefit
-- not yet over (or the one asked for, also when it is), with redeem's own reason for one unit (null:
-- usable) and, in `again`, when that ends. Not admitted anywhere open: partner_paused where one is only paused, else
-- partner_not_admitted; what is claimed and needs none (needs_partner) takes place without a partner. The nearest outlet is by great circle where a position is given, else one
-- in `p_district`, else in the home district; outlets are those open, where an admission is live,
-- in districts where the benefit is valid. Usable ones first, then the nearest. No row for who is
-- no member, and for a session that ended. Locks and writes nothing.
create or replace function catalogue(
  p_user text,
  p_session_at timestamptz,
  p_benefit integer default null,
  p_latitude double precision default null,
  p_longitude double precision default null,
  p_district integer default null
) returns table (
  id integer,
  kind text,
  title_zh text,
  title_en text,
  summary_zh text,
  summary_en text,
  union_zh text,
  union_en text,
  price_fen integer,
  face_value_fen integer,
  starts_at timestamptz,
  ends_at timestamptz,
  weekdays smallint[],
  opens_minute smallint,
  closes_minute smallint,
  quantity_max smallint,
  limit_count integer,
  limit_period text,
  member_left integer,
  places_left integer,
  reason text,
  again text,
  outlet_count integer,
  district_ids integer[],
  nearest jsonb,
  home_district_id integer
)
language plpgsql set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
  now timestamptz := clock();
begin
  return query
  select
    b.id, b.kind, b.title_zh, b.title_en, b.summary_zh, b.summary_en, owner.name_zh, owner.name_en,
    b.price_fen, b.face_value_fen, b.starts_at, b.ends_at, b.weekdays, b.opens_minute, b.closes_minute,
    b.quantity_max, limit_of(b, m.family_size, 'phone'), b.limit_period, may.member_left,
    may.places_left, may.reason,
    refusal_detail(may.reason, m.cell, m.id, null, null, b.id, now) ->> 'again',
    places.count, places.district_ids, places.nearest, employer.district_id
  from authority(p_user, p_session_at, null) self
  join member m on m.cell = self.cell and m.id = self.member_id
  join trade_union employer on employer.id = self.union_id
  join benefit b on b.id = p_benefit or p_benefit is null and b.ends_at > now and b.stage <> 'ended'
  join trade_union owner on owner.id = b.union_id
  cross join lateral (
    select
      count(*)::integer as count,
      coalesce(array_agg(distinct place.district_id), '{}') as district_ids,
      (array_agg(
        jsonb_build_object(
          'id', place.id, 'nameZh', place.name_zh, 'nameEn', place.name_en,
          'districtZh', d.name_zh, 'districtEn', d.name_en, 'distanceMetres', place.metres
        )
        order by place.metres, place.district_id <> coalesce(p_district, employer.district_id), place.id
      ))[1] as nearest,
      min(place.metres) as metres
    from (
      select t.*, distance_metres(p_latitude, p_longitude, t.latitude, t.longitude) as metres
      from benefit_partner admitted
      join partner p on p.id = admitted.partner_id
      join outlet t on t.partner_id = admitted.partner_id
      where admitted.benefit_id = b.id and admission_refusal(p, admitted, t.id, now) is null
        and (t.closed_at is null or t.closed_at > now)
        and (b.valid_districts is null or t.district_id = any (b.valid_districts))
    ) place
    join trade_union d on d.id = place.district_id
  ) places
  cross join lateral (
    select case
      when places.count > 0 then null
      when b.claim_kind is not null and not needs_partner(b) and not exists (
        select from benefit_partner x where x.benefit_id = b.id and x.state = 'live'
      ) then null
      when exists (
        select from benefit_partner admitted
        join partner p on p.id = admitted.partner_id
        where admitted.benefit_id = b.id
          and admission_refusal(p, admitted, null, now) = 'partner_paused'
      ) then 'partner_paused'
      else 'partner_not_admitted'
    end as refusal
  ) admission
  cross join lateral entitlement(
    m, employer, b, null, null, admission.refusal, null, null, 'phone', null,
    coalesce(case when b.claim_kind is not null then next_opening(b, now) end, now)
  ) may
  where self.role = 'member' and b.stage not in ('draft', 'test')
  order by may.reason is not null, places.metres,
    not coalesce(p_district, employer.district_id) = any (places.district_ids), b.id;
end
$$;
