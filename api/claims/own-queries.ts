import type { PendingQuery, Row } from 'postgres';
import type { Sql } from '../../db/client.ts';
import type { ClaimKind } from '../../db/schema/benefits.ts';
import type { ClaimState } from '../../db/schema/claims.ts';
import type { Actor } from '../caller.ts';
import { memberOf } from '../members/me.ts';

/** A session as a member sees it. Places are told as "held" where who waits has them before him. */
export type SessionView = {
  id: number;
  titleZh: string;
  titleEn: string;
  placeZh: string;
  placeEn: string;
  startsAt: string | null;
  endsAt: string | null;
  cancelReason: string | null;
};

/** A claim as its own member sees it. Instants are ISO 8601. */
export type OwnClaim = {
  id: string;
  state: ClaimState;
  quantity: number;
  used: number;
  at: string;
  madeAt: string;
  /** Until when what is held or offered has to be confirmed. */
  answerBy: string | null;
  /** How many wait before him; at most a thousand are counted. */
  ahead: number | null;
  /** Why the organiser refused it or called its session off. */
  reason: string | null;
  benefit: { id: number; titleZh: string; titleEn: string; claimKind: ClaimKind };
  session: SessionView | null;
  canConfirm: boolean;
  canCancel: boolean;
  canMove: boolean;
  /** From then on cancelling leaves a mark; null where it never does. */
  lateFrom: string | null;
  /** What he shows or types at the seller's, one a unit; none where the card is shown. */
  codes: string[];
};

const sessionView = (sql: Sql): PendingQuery<Row[]> => sql`jsonb_build_object(
  'id', s.id, 'titleZh', s.title_zh, 'titleEn', s.title_en,
  'placeZh', coalesce(o.name_zh, s.place_zh), 'placeEn', coalesce(o.name_en, s.place_en),
  'startsAt', iso(s.starts_at), 'endsAt', iso(s.ends_at), 'cancelReason', s.cancel_reason)`;

/** That, as JSON, of the row `c` of `claim`. */
export const ownClaim = (sql: Sql): PendingQuery<Row[]> => sql`(
  select jsonb_build_object(
    'id', c.id, 'state', f.state, 'quantity', c.quantity, 'used', c.used, 'at', iso(c.at),
    'madeAt', iso(c.made_at), 'answerBy', iso(c.answer_by), 'ahead', claim_ahead(c),
    'reason', c.reason,
    'benefit', jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en,
      'claimKind', b.claim_kind),
    'session', case when s.id is not null then ${sessionView(sql)} end,
    'canConfirm', f.state in ('held', 'offered'),
    'canCancel', claim_may(f.state, 'cancelled') and c.used = 0 and (s.starts_at > clock()) is not false
      and k.codes is null,
    'canMove', f.state in ('asked', 'held', 'confirmed') and c.used = 0
      and s.starts_at - make_interval(mins => t.cancel_minutes) > clock() and not s.is_room
      and exists (select from session x where x.benefit_id = b.id and x.id <> s.id
        and x.cancelled_at is null and x.starts_at > clock()),
    'lateFrom', case when t.late_cancel_weight > 0
      then iso(s.starts_at - make_interval(mins => t.cancel_minutes)) end,
    'codes', coalesce(k.codes, '[]'))
  from benefit b
  join claim_terms t on t.benefit_id = b.id
  left join session s on s.id = c.session_id
  left join outlet o on o.id = s.outlet_id
  left join lateral (
    select jsonb_agg(k.code order by k.place) as codes from offer_code k
    where k.cell = c.cell and k.claim_id = c.id
  ) k on true
  -- What has run out is over for him, whether or not somebody has seen to it yet.
  cross join lateral (
    select case
      when c.state = 'held' and c.answer_by <= clock() then 'expired'
      when c.state = 'offered' and c.answer_by <= clock() then 'lapsed'
      else c.state
    end as state
  ) f
  where b.id = c.benefit_id)`;

/** His claims of the last year and all to come, the next one first; undefined for who is no member. */
export async function readOwnClaims(sql: Sql, actor: Actor): Promise<OwnClaim[] | undefined> {
  const [found] = await sql<{ claims: OwnClaim[] }[]>`
    with me as materialized (${memberOf(sql, actor)})
    select coalesce((
      select jsonb_agg(${ownClaim(sql)} order by c.at desc, c.id desc)
      from (
        select * from claim c
        where c.cell = me.cell and c.member_id = me.member_id and c.at > clock() - interval '1 year'
        order by c.at desc, c.id desc limit 200
      ) c
    ), '[]') as claims
    from me`;
  return found?.claims;
}

/** One of them, or one of whom the caller acts for; undefined where it is neither. */
export async function readClaim(
  sql: Sql,
  actor: Actor,
  id: string,
): Promise<{ claim: OwnClaim; isDrawDue: boolean } | undefined> {
  const { userId, sessionAt, secondFactorAt } = actor;
  const [found] = await sql<{ claim: OwnClaim; isDrawDue: boolean }[]>`
    select ${ownClaim(sql)} as claim, c.state = 'entered' and exists (
      select from wave w
      where w.benefit_id = c.benefit_id and w.opened_at is null
        and w.opens_at + make_interval(secs => w.entry_seconds) <= clock()
    ) as "isDrawDue"
    from own_claim(${id}::uuid, ${userId}, ${sessionAt}::timestamptz,
      ${secondFactorAt}::timestamptz) c
    where c.id is not null`;
  return found;
}

/** What may be claimed of a benefit, and how, as a member sees it. */
export type ClaimPage = {
  serverTime: string;
  kind: ClaimKind;
  /** From when he may claim: later than others, where marks delay it. */
  opensAt: string | null;
  closesAt: string;
  isDelayed: boolean;
  holdMinutes: number | null;
  cancelMinutes: number;
  hasWaitList: boolean;
  answerMinutes: number;
  needsApproval: boolean;
  lateCancelWeight: number;
  noShowWeight: number;
  quantityMax: number;
  /** What one costs him at the seller's, and what it would without his card. */
  memberFen: number;
  faceValueFen: number;
  /** He gets a code to use it with; else he shows his card. */
  hasCodes: boolean;
  questions: unknown[];
  /** The next instant at which places are let go, and how long who comes then is drawn, not first served. */
  wave: { opensAt: string; entrySeconds: number } | null;
  sessions: (SessionView & {
    cap: number;
    /** What may be claimed now; what is offered to who waits is not. */
    left: number;
    waiting: number;
    /** Places to come in later waves. */
    toCome: number;
  })[];
};

/** Undefined for a benefit that is not claimed, or not to be seen by him. */
export async function readClaimPage(
  sql: Sql,
  actor: Actor,
  benefit: number,
): Promise<ClaimPage | undefined> {
  const [page] = await sql<ClaimPage[]>`
    with me as materialized (${memberOf(sql, actor)})
    select iso(clock()) as "serverTime", b.claim_kind as kind, iso(claims_open_at(b, t) + d.delay) as "opensAt",
      iso(t.closes_at) as "closesAt", d.delay > interval '0' as "isDelayed",
      t.hold_minutes as "holdMinutes", t.cancel_minutes as "cancelMinutes",
      t.has_wait_list as "hasWaitList", t.answer_minutes as "answerMinutes",
      t.needs_approval as "needsApproval", t.late_cancel_weight as "lateCancelWeight",
      t.no_show_weight as "noShowWeight", b.quantity_max as "quantityMax",
      co_payment_fen(b.funding, b.price_fen, 1)::int as "memberFen", b.face_value_fen as "faceValueFen",
      exists (select from offer_code k where k.benefit_id = b.id) as "hasCodes", t.questions,
      (
        select jsonb_build_object('opensAt', iso(w.opens_at), 'entrySeconds', w.entry_seconds)
        from wave w where w.benefit_id = b.id and w.opened_at is null order by w.opens_at limit 1
      ) as wave,
      coalesce((
        select jsonb_agg(${sessionView(sql)} || jsonb_build_object(
          'cap', s.cap, 'left', s.cap - s.taken,
          'waiting', (
            select count(*) from (
              select from claim w where w.session_id = s.id and w.state = 'waiting' limit 1000
            ) counted
          ),
          'toCome', coalesce((
            select sum(u.units) from wave_units u join wave w on w.id = u.wave_id
            where u.session_id = s.id and w.opened_at is null
          ), 0)
        ) order by s.starts_at nulls last, s.id)
        from session s left join outlet o on o.id = s.outlet_id
        where s.benefit_id = b.id and (s.ends_at > clock()) is not false and not s.is_room
      ), '[]') as sessions
    from me
    join benefit b on b.id = ${benefit} and b.stage in ('published', 'ended')
    join claim_terms t on t.benefit_id = b.id
    cross join lateral (
      select opening_delay(me.cell, me.member_id, b.kind, clock()) as delay
    ) d`;
  return page;
}
