-- redeem_read_4: redeem()'s first read, every item with all it needs and its first outcome, null
-- where only the locks can tell. 'replayed' here means that its id is taken; whether by the same
-- content, redeem() compares at the end. A sold-out benefit, or a used-up admission, is answered
-- here, after the reasons that go before it, so that a storm on it locks and writes nothing. An id
-- is looked for in its own cell, and so is the card: a card of another cell is card_unknown. Locks
-- nothing; inlined into redeem().
--
-- Of a benefit that is claimed, which no phone gives without a network, the member's claim stands for audience, limits and places: it must
-- be good there and then (claim_at), and its pool is the item's; `limit_count` are its units.
--
-- An item with a `device` was scanned without a network: standing, home and pause are those of its
-- scan. Its card was blocked in vain where the phone's status list (`listAt`) was older than that:
-- a variance; one on paper is unknown to phones. `held`: the device's own reason why nothing is
-- booked; it ranks after these. `variance`: a union decided to pay what was held, so only what
-- cannot be booked is refused.
create or replace function redeem_read_4(p_items jsonb, now timestamptz)
returns setof redeem_item_4 language sql stable as $$
  select
    q.ord::integer, cell_of(q.id), q.id, q.card, q.jti, q.benefit, q.outlet, q.quantity, q.scanned_at,
    c.member_id, a.union_id, o.id, t.partner_id, t.district_id, p.union_id, payee.id,
    least(admitted.price_fen, mine.price_fen, b.price_fen), b.funding,
    coalesce(mine.quantity, limit_of(b, m.family_size, c.kind)),
    limit_start(b.limit_period, b.limit_days, q.scanned_at),
    limit_end(b.limit_period, b.limit_days, q.scanned_at),
    case when mine.id is null and exists (
      select from category_limit l where l.union_id = any (employer.path) and l.kind = b.kind
    ) then b.kind end,
    num_nonnulls(admitted.cap, admitted.cap_a_day) > 0, pool.home_id, pool.shared_id,
    mine.id, mine.allocation_id, mine.is_topped,
    q.device, q.lease, q.card_left,
    case
      when q.device is null then null
      when q.variance is not null then q.variance
      when c.ended_at <= q.scanned_at then 'card_' || c.status
    end,
    case
      when r.id is not null then 'replayed'
      when q.variance is not null then
        case
          when c.number is null then 'card_unknown'
          when o.id is null then 'operator_suspended'
          when b.id is null then 'benefit_unknown'
          when home.id is null and shared.id is null then 'no_allocation'
        end
      else coalesce(
        standing_refusal(
          u, q.session_at, o, posted.operator_id is not null, t, c, a, k,
          q.expires, q.scanned_at, q.valid_until,
          case when q.device is null then now else q.scanned_at end,
          case
            when q.device is null then now
            else least(coalesce(q.list_at, '-infinity'), q.scanned_at)
          end
        ),
        benefit_refusal(
          b, t.district_id,
          case
            when q.device is null or admitted.is_offline_allowed then admission_refusal(
              p, admitted, t.id, case when q.device is null then now else q.scanned_at end
            )
            else 'partner_not_admitted'
          end,
          case
            when b.claim_kind is null then audience_refusal(b, m, employer, q.scanned_at)
            when mine.id is null then 'claim_needed'
            else mine.refusal
          end,
          mine.id is not null or home.id is not null or shared.id is not null, q.quantity,
          least(
            case when c.kind = 'printed' then 1 else b.quantity_max end, mine.quantity - mine.used
          ),
          q.scanned_at,
          case when q.device is null then now else q.scanned_at end
        ),
        q.held,
        case
          when q.device is not null
            or (mine.id is not null or home_most(home) >= q.quantity
              or places_left(shared, now) >= q.quantity)
              and coalesce(admitted.cap - admitted.used >= q.quantity, true)
              and coalesce(day_left(admitted, q.scanned_at) >= q.quantity, true) then null
          when exists (
            select from redemption used
            where used.cell = c.cell and used.card_number = c.number and used.jti = q.jti
              and used.benefit_id = b.id and used.variance is null
          ) then 'pass_already_used'
          when mine.id is null and q.quantity + (
            select used from member_uses(
              c.cell, c.member_id, b.id,
              limit_start(b.limit_period, b.limit_days, q.scanned_at),
              limit_end(b.limit_period, b.limit_days, q.scanned_at)
            )
          ) > limit_of(b, m.family_size, c.kind) then 'limit_reached'
          when mine.id is null and category_left(c.cell, c.member_id, b.kind, a.union_id, q.scanned_at) < q.quantity
            then 'category_limit_reached'
          when day_left(admitted, q.scanned_at) < q.quantity then 'partner_day_cap_reached'
          when admitted.cap - admitted.used < q.quantity then 'partner_cap_reached'
          else 'quota_exhausted'
        end
      )
    end,
    min(q.ord) over (partition by q.id)::integer,
    min(q.ord) over (partition by q.card, q.jti, q.benefit)::integer,
    min(q.ord) over (
      partition by c.cell, c.member_id, q.benefit, mine.id,
        case when b.limit_period <> 'rolling' then period_start(b.limit_period, q.scanned_at) end
    )::integer,
    min(q.ord) over (partition by pool.home_id)::integer,
    min(q.ord) over (partition by pool.shared_id)::integer
  from rows from (
    jsonb_to_recordset(p_items) as (
      id uuid, card bigint, jti bigint, kid smallint, exp bigint,
      "scannedAt" timestamptz, "scanValidUntil" timestamptz,
      benefit integer, outlet integer, quantity integer, "user" text, "sessionAt" timestamptz,
      device integer, lease integer, "listAt" timestamptz, "cardLeft" integer,
      held text, variance text
    )
  ) with ordinality as q (
    id, card, jti, kid, expires, scanned_at, valid_until,
    benefit, outlet, quantity, user_id, session_at,
    device, lease, list_at, card_left, held, variance, ord
  )
  left join redemption r on r.cell = cell_of(q.id) and r.id = q.id
  left join auth_user u on u.id = q.user_id
  left join outlet t on t.id = q.outlet
  left join operator o on o.user_id = q.user_id and o.partner_id = t.partner_id
  left join operator_outlet posted on posted.operator_id = o.id and posted.outlet_id = t.id
  left join partner p on p.id = t.partner_id
  left join card c on c.cell = cell_of(q.id) and c.number = q.card
    and (q.device is null or c.kind <> 'printed')
  left join member m on m.cell = c.cell and m.id = c.member_id
  left join affiliation a on a.cell = c.cell and a.member_id = c.member_id
    and case
      when q.device is null then a.ended_at is null
      else a.started_at = (
        select max(f.started_at) from affiliation f
        where f.cell = c.cell and f.member_id = c.member_id and f.started_at <= q.scanned_at
      ) and coalesce(a.ended_at > q.scanned_at, true)
    end
  left join trade_union employer on employer.id = a.union_id
  left join signing_key k on k.kid = q.kid
  left join benefit b on b.id = q.benefit
  left join benefit_partner admitted on admitted.benefit_id = b.id and admitted.partner_id = t.partner_id
  left join account payee on payee.partner_id = t.partner_id and payee.kind = 'payable'
  left join allocation home on home.benefit_id = b.id and home.district_id = employer.district_id
    and home.starts_at = period_start(b.quota_period, q.scanned_at)
  left join allocation shared on shared.benefit_id = b.id and shared.district_id is null
    and shared.starts_at = period_start(b.quota_period, q.scanned_at)
  left join lateral (
    select f.* from claim_at(c.cell, c.member_id, b.id, t.id, q.scanned_at) f
    where b.claim_kind is not null and q.device is null
  ) mine on true
  cross join lateral (
    select
      case when mine.id is null then home.id when not mine.is_shared then mine.allocation_id end
        as home_id,
      case when mine.id is null then shared.id when mine.is_shared then mine.allocation_id end
        as shared_id
  ) pool
$$;
