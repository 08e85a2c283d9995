-- claim_read_2: claim()'s first read, every item with all it needs and its first outcome, null where
-- only the locks can tell. 'replayed' means that its id is taken. 'upkeep_due' that a wave waits to
-- be opened or a hold to be expired: whoever hears it sees to that (open_waves, expire_claims) and
-- asks again, so that nobody hears session_full while a place is free (I2). A full session, or a
-- used-up quota, is answered here, after the reasons that go before it: a storm on it locks and
-- writes nothing. Locks nothing; inlined into claim().
create or replace function claim_read_2(p_items jsonb, now timestamptz)
returns setof claim_item_2 language sql stable as $$
  select
    q.ord::integer, cell_of(q.id), q.id, m.id, q.user_id, q.member is null, q.benefit, q.session,
    a.union_id, q.quantity, q.waits is true and t.has_wait_list, coalesce(q.answers, '{}'), d.at,
    case when limited.is then b.kind end,
    limit_of(b, m.family_size, 'phone'),
    limit_start(b.limit_period, b.limit_days, d.at),
    limit_end(b.limit_period, b.limit_days, d.at),
    home.id, shared.id, w.id, b.claim_kind = 'draw' or w.id is not null,
    t.hold_minutes, t.needs_approval,
    case
      when r.id is not null then 'replayed'
      when u.id is null or not session_counts(u, q.session_at) then 'session_revoked'
      when m.id is null or m.cell <> cell_of(q.id)
        or q.member is not null
        and not may_act_for(q.user_id, q.session_at, q.second_factor_at, m, employer.path)
        then 'member_unknown'
      when a.union_id is null then 'member_left'
      when t.benefit_id is null or b.claim_kind = 'room' then 'benefit_unknown'
      -- Which prize of a draw it is, the lot says.
      when case
        when b.claim_kind = 'draw' then q.session is not null
        else s.id is null and (q.session is not null or exists (
          select from session x where x.benefit_id = b.id
        ))
      end then 'session_unknown'
      else coalesce(
        benefit_refusal(
          b, o.district_id,
          case
            when o.id is not null then admission_refusal(p, admitted, o.id, now)
            when not exists (
              select from benefit_partner x where x.benefit_id = b.id and x.state = 'live'
            ) and needs_partner(b) then 'partner_not_admitted'
          end,
          audience_refusal(b, m, employer, d.at),
          home.id is not null or shared.id is not null, q.quantity, claim_most(b), d.at, now
        ),
        case
          when s.cancelled_at is not null then 'session_cancelled'
          when s.starts_at <= now then 'session_over'
          when (
              now >= opening.at + case
                when exists (select from mark k where k.cell = m.cell and k.member_id = m.id)
                  then opening_delay(m.cell, m.id, b.kind, now)
                else interval '0'
              end
            ) is not true
            or b.claim_kind = 'draw' and not exists (select from draw d where d.benefit_id = b.id)
            then 'claims_not_open'
          when now >= t.closes_at then 'claims_closed'
          when not answers_fit(t.questions, coalesce(q.answers, '{}')) then 'answers_invalid'
          when w.opens_at + make_interval(secs => w.entry_seconds) <= now then 'upkeep_due'
          when w.id is not null or b.claim_kind = 'draw' then null
          when coalesce(s.cap - s.taken >= q.quantity, true)
            and (home_most(home) >= q.quantity or places_left(shared, now) >= q.quantity) then null
          when q.quantity + (
            select used from member_uses(
              m.cell, m.id, b.id, limit_start(b.limit_period, b.limit_days, d.at),
              limit_end(b.limit_period, b.limit_days, d.at)
            )
          ) + (
            select claimed from member_claims(
              m.cell, m.id, b.id, limit_start(b.limit_period, b.limit_days, d.at),
              limit_end(b.limit_period, b.limit_days, d.at)
            )
          ) > limit_of(b, m.family_size, 'phone') then 'limit_reached'
          when limited.is and category_left(m.cell, m.id, b.kind, a.union_id, d.at) < q.quantity
            then 'category_limit_reached'
          when exists (
            select from claim due
            where due.benefit_id = b.id and due.state in ('held', 'offered') and due.answer_by <= now
          ) then 'upkeep_due'
          when q.waits is true and t.has_wait_list then null
          when s.cap - s.taken < q.quantity then 'session_full'
          else 'quota_exhausted'
        end
      )
    end
  from rows from (
    jsonb_to_recordset(p_items) as (
      id uuid, benefit integer, session integer, quantity integer, waits boolean, answers jsonb,
      member bigint, "user" text, "sessionAt" timestamptz, "secondFactorAt" timestamptz
    )
  ) with ordinality as q (
    id, benefit, session, quantity, waits, answers, member, user_id, session_at, second_factor_at, ord
  )
  left join claim r on r.cell = cell_of(q.id) and r.id = q.id
  left join auth_user u on u.id = q.user_id
  left join lateral (
    select own.* from member own where q.member is null and own.user_id = q.user_id
    union all
    select other.* from member other
    where other.cell = (q.member & 63)::smallint and other.id = q.member
  ) m on true
  left join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
  left join trade_union employer on employer.id = a.union_id
  left join benefit b on b.id = q.benefit
  left join claim_terms t on t.benefit_id = b.id
  left join session s on s.id = q.session and s.benefit_id = b.id
  left join outlet o on o.id = s.outlet_id
  left join partner p on p.id = o.partner_id
  left join benefit_partner admitted on admitted.benefit_id = b.id and admitted.partner_id = p.id
  left join lateral (
    select x.* from wave x
    where x.benefit_id = b.id and x.opened_at is null and x.opens_at <= now
    order by x.opens_at limit 1
  ) w on true
  cross join lateral (select coalesce(s.starts_at, greatest(now, b.starts_at)) as at) d
  cross join lateral claim_opening(b, t) opening
  cross join lateral (
    select exists (
      select from category_limit l where l.union_id = any (employer.path) and l.kind = b.kind
    ) as is
  ) limited
  left join allocation home on home.benefit_id = b.id and home.district_id = employer.district_id
    and home.starts_at = period_start(b.quota_period, d.at)
  left join allocation shared on shared.benefit_id = b.id and shared.district_id is null
    and shared.starts_at = period_start(b.quota_period, d.at)
  -- In order, and so as a subquery of its own: drawn into claim() it would judge an item at each mention.
  order by q.ord::integer
$$;
