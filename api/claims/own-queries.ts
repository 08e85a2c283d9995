import type { PendingQuery, Row } from 'postgres';
import type { Sql } from '../../db/client.ts';
import type { ClaimKind } from '../../db/schema/benefits.ts';
import type { ClaimState, Question } from '../../db/schema/claims.ts';
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

/** A claim of the caller, or of whom he acts for, whose masked name is then `holder`. */
export type HeldClaim = OwnClaim & { holder: string | null };

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
      and (s.starts_at - make_interval(mins => t.cancel_minutes) > clock()) is true
      and b.claim_kind not in ('room', 'draw')
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

/**
 * For whom the caller may claim from his own phone: himself (no `name`) and those who let him act for them. To stand in a
 * statement after `me`.
 */
const peopleOf = (
  sql: Sql,
  { userId, sessionAt, secondFactorAt }: Actor,
): PendingQuery<Row[]> => sql`
  select own.*, null as holder, null::timestamptz as since
  from me join member own on own.cell = me.cell and own.id = me.member_id
  union all
  select other.*, masked_name(other.name), p.accepted_at
  from proxy p
  join member other on other.cell = p.cell and other.id = p.member_id
  join affiliation a on a.cell = other.cell and a.member_id = other.id and a.ended_at is null
  join trade_union t on t.id = a.union_id
  where p.user_id = ${userId} and p.accepted_at is not null and p.ended_at is null
    and (p.ends_at > clock()) is not false
    and may_act_for(${userId}::text, ${sessionAt}::timestamptz, ${secondFactorAt}::timestamptz,
      other, t.path)`;

/** A claim `c` of the person `p`. */
const heldClaim = (sql: Sql) => sql`(
  ${ownClaim(sql)} || jsonb_build_object('holder', p.holder)
)`;

export type OwnClaims = { serverTime: string; claims: HeldClaim[] };

/** The latest claims of a year back and all to come, each person's; undefined for who is no member. */
export async function readOwnClaims(sql: Sql, actor: Actor): Promise<OwnClaims | undefined> {
  const [found] = await sql<OwnClaims[]>`
    with me as materialized (${memberOf(sql, actor)}),
    people as materialized (${peopleOf(sql, actor)})
    select iso(clock()) as "serverTime", coalesce((
      select jsonb_agg(${heldClaim(sql)} order by c.at desc, c.id desc)
      from people p
      cross join lateral (
        select l.* from claim l
        where l.cell = p.cell and l.member_id = p.id and l.at > clock() - interval '1 year'
        order by l.at desc, l.id desc limit 200
      ) c
    ), '[]') as claims
    from me`;
  return found;
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
  questions: Question[];
  /** Himself, and for whom he may claim as well. */
  people: {
    /** For `member` of a claim; null for himself. */
    member: string | null;
    maskedName: string | null;
    /** What a claim's id has to end with. */
    cell: number;
    opensAt: string | null;
    isDelayed: boolean;
    /** How many tickets in the draw he would have; null where nothing is drawn by lot. */
    tickets: number | null;
  }[];
  /** What these people have claimed of it, the latest first. */
  own: HeldClaim[];
  /** The instants to come at which places are let go, and how long who comes then is drawn, not first served. */
  waves: { opensAt: string; entrySeconds: number; units: number }[];
  sessions: (SessionView & {
    cap: number;
    priceFen: number | null;
    /** What may be claimed now; what is offered to who waits is not. */
    left: number;
    /** Places that somebody was offered or holds and has not confirmed yet. */
    held: number;
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
    with me as materialized (${memberOf(sql, actor)}),
    people as materialized (${peopleOf(sql, actor)})
    select iso(clock()) as "serverTime", b.claim_kind as kind,
      iso(claims_open_at(b, t) + d.delay) as "opensAt",
      iso(t.closes_at) as "closesAt", d.delay > interval '0' as "isDelayed",
      t.hold_minutes as "holdMinutes", t.cancel_minutes as "cancelMinutes",
      t.has_wait_list as "hasWaitList", t.answer_minutes as "answerMinutes",
      t.needs_approval as "needsApproval", t.late_cancel_weight as "lateCancelWeight",
      t.no_show_weight as "noShowWeight", claim_most(b) as "quantityMax",
      co_payment_fen(b.funding, b.price_fen, 1)::int as "memberFen", b.face_value_fen as "faceValueFen",
      exists (select from offer_code k where k.benefit_id = b.id) as "hasCodes", t.questions,
      (
        select jsonb_agg(jsonb_build_object(
          'member', case when p.holder is not null then p.id::text end, 'maskedName', p.holder,
          'cell', p.cell, 'opensAt', iso(claims_open_at(b, t) + late.delay),
          'isDelayed', late.delay > interval '0',
          'tickets', (
            select draw_weight(x, p.cell, p.id) from draw x where x.benefit_id = b.id
          )
        ) order by p.since nulls first, p.id)
        from people p
        cross join lateral (
          select opening_delay(p.cell, p.id, b.kind, clock()) as delay
        ) late
      ) as people,
      coalesce((
        select jsonb_agg(${heldClaim(sql)} order by c.made_at desc, c.id desc)
        from people p
        cross join lateral (
          select l.* from claim l
          where l.cell = p.cell and l.member_id = p.id and l.benefit_id = b.id
          order by l.made_at desc, l.id desc limit 20
        ) c
      ), '[]') as own,
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'opensAt', iso(w.opens_at), 'entrySeconds', w.entry_seconds,
          'units', (select sum(u.units) from wave_units u where u.wave_id = w.id)
        ) order by w.opens_at)
        from wave w where w.benefit_id = b.id and w.opened_at is null
      ), '[]') as waves,
      coalesce((
        select jsonb_agg(${sessionView(sql)} || jsonb_build_object(
          'cap', s.cap, 'priceFen', s.price_fen, 'left', s.cap - s.taken,
          'held', (
            select coalesce(sum(h.quantity), 0) from claim h
            where h.session_id = s.id and h.state in ('offered', 'held')
          ),
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
        where s.benefit_id = b.id and not s.is_room and (s.ends_at > clock()) is not false
      ), '[]') as sessions
    from me
    join benefit b on b.id = ${benefit} and b.stage in ('published', 'ended')
    join claim_terms t on t.benefit_id = b.id
    cross join lateral (
      select opening_delay(me.cell, me.member_id, b.kind, clock()) as delay
    ) d`;
  return page;
}
