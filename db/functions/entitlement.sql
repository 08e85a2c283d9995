-- What a member may get of one benefit at an instant: the reason why not, null when he may
-- (redeem's own order, for one unit), his units left in the period, and the places left for him,
-- home and shared; `places_most` is the most that one redemption may take, which comes from one
-- allocation. `card` and `pass` null ask about no pass in particular, `host` null about no
-- district. A plain read that locks nothing; inlinable as a row source.
create or replace function entitlement(
  m member,
  employer trade_union,
  b benefit,
  host integer,
  is_admitted boolean,
  card bigint,
  pass bigint,
  at timestamptz
) returns table (reason text, member_left integer, places_left integer, places_most integer)
language sql stable as $$
  select
    coalesce(
      benefit_refusal(
        b, m, employer, host, is_admitted, home.id is not null or shared.id is not null, 1, at, at
      ),
      case
        when exists (
          select from redemption r
          where r.cell = m.cell and r.card_number = card and r.jti = pass and r.benefit_id = b.id
            and r.variance is null
        ) then 'pass_already_used'
        when u.used >= b.limit_count then 'limit_reached'
        when not coalesce(greatest(home.cap - home.used, places_left(shared, at)) > 0, false)
          then 'quota_exhausted'
      end
    ),
    greatest(b.limit_count - u.used, 0),
    coalesce(home.cap - home.used, 0) + coalesce(places_left(shared, at), 0),
    greatest(home.cap - home.used, places_left(shared, at), 0)
  from member_uses(
    m.cell, m.id, b.id, period_start(b.limit_period, at), period_end(b.limit_period, at)
  ) u
  left join allocation home on home.benefit_id = b.id and home.district_id = employer.district_id
  left join allocation shared on shared.benefit_id = b.id and shared.district_id is null
$$;
