-- Why a member is not among those for whom a benefit is, null when he is: audience_district,
-- audience_union, audience_age (in whole years at `at`), audience_tag, in this order. Pure and
-- inlinable; `employer` is the union of the affiliation.
create or replace function audience_refusal(
  b benefit,
  m member,
  employer trade_union,
  at timestamptz
) returns text language sql stable parallel safe as $$
  select case
    when not coalesce(b.audience -> 'districts' @> to_jsonb(employer.district_id), true)
      then 'audience_district'
    when b.audience ? 'unions' and not jsonb_path_exists(
      b.audience,
      '$.unions[*] ? (@ == $path[*])',
      jsonb_build_object('path', to_jsonb(employer.path))
    ) then 'audience_union'
    when b.audience ? 'age' and not coalesce(
      extract(year from age(at at time zone 'Asia/Shanghai', m.born_on::timestamp))
        between coalesce((b.audience #>> '{age,min}')::integer, 0)
        and coalesce((b.audience #>> '{age,max}')::integer, 999),
      false
    ) then 'audience_age'
    when not coalesce(b.audience -> 'tags' ?| m.tags, true) then 'audience_tag'
  end
$$;
