import { type SQL, sql } from 'drizzle-orm';
import type { benefit, ClaimKind } from '../../db/schema/benefits.ts';
import type { Question } from '../../db/schema/claims.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Actor } from '../caller.ts';
import { changesOf, type DrawStep, type PrizeChange } from './draw-fixed.ts';
import { type Lack, missing } from './missing.ts';
import { maySet } from '../benefits/terms-lock.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { holding, offices } from '../unions/office.ts';

/** How a benefit is claimed, as its union set it. Instants are ISO 8601. */
export type DeskTerms = {
  kind: ClaimKind;
  opensAt: string;
  closesAt: string;
  holdMinutes: number | null;
  cancelMinutes: number;
  hasWaitList: boolean;
  answerMinutes: number;
  needsApproval: boolean;
  doorMinutes: number;
  walkIns: boolean;
  questions: Question[];
  lateCancelWeight: number;
  noShowWeight: number;
  version: number;
};

/** The units of a session's claims, by what became of them. */
export type Counts = {
  entered: number;
  asked: number;
  /** To be confirmed by their members: held, or offered to who waited. */
  held: number;
  confirmed: number;
  waiting: number;
  used: number;
  noShow: number;
};

export type DeskSession = Counts & {
  id: number;
  titleZh: string;
  titleEn: string;
  placeZh: string;
  placeEn: string;
  outlet: Named | null;
  startsAt: string | null;
  endsAt: string | null;
  priceFen: number | null;
  cap: number;
  taken: number;
  /** Units of waves to come. */
  toCome: number;
  cancelledAt: string | null;
  cancelReason: string | null;
};

export type DeskClaims = {
  serverTime: string;
  benefit: {
    id: number;
    union: Named;
    kind: (typeof benefit.$inferSelect)['kind'];
    titleZh: string;
    titleEn: string;
    stage: (typeof benefit.$inferSelect)['stage'];
    startsAt: string;
    endsAt: string;
    priceFen: number;
    quantityMax: number;
    /** The places of its allocations, without which nobody can claim. */
    places: number;
    /** Where its sessions may be: the open outlets of the partners that give it. */
    outlets: Named[];
  };
  terms: DeskTerms | null;
  /** Without which nobody could claim anything, and it is not published. */
  missing: Lack[];
  /** What may still be done to its sessions; of a draw that is committed, little. */
  changes: PrizeChange[];
  /** Somebody has claimed: what kind of claim it is stays. */
  isClaimed: boolean;
  /** A room's are not among them: each is one claim's. */
  sessions: DeskSession[];
  waves: {
    id: number;
    opensAt: string;
    entrySeconds: number;
    openedAt: string | null;
    units: { session: number; units: number }[];
  }[];
  /** What the caller may do: say how it is claimed and by what sessions, and answer who asks. */
  can: { set: boolean; decide: boolean };
};

/** An officer whom a benefit `b` of union `u` concerns, as for its terms: it is in his scope, or an allocation of it is. */
const concerns = (office: SQL): SQL => sql`exists (
  select from (${office}) o where o.union_id = any(u.path) or exists (
    select from allocation a join trade_union side on side.id in (a.union_id, a.district_id)
    where a.benefit_id = b.id and o.union_id = any(side.path)))`;

/** The benefit `b` of union `u` that the caller may read, in a statement that begins with `office`. */
export const readable = (benefitId: number): SQL => sql`
  benefit b join trade_union u on u.id = b.union_id and b.id = ${benefitId}
    and ${concerns(sql`table office`)}`;

const units = (...states: string[]): SQL =>
  sql`coalesce(sum(k.quantity) filter (where k.state in ${states}), 0)::int`;

/** How many units of each session's claims there are, by what became of them; `made` are its claims of the last seconds. */
const counted = (benefitId: number): SQL => sql`
  select k.session_id, ${units('entered')} as entered, ${units('asked')} as asked,
    ${units('held', 'offered')} as held, ${units('confirmed')} as confirmed,
    ${units('waiting')} as waiting, ${units('used')} as used, ${units('no_show')} as no_show,
    count(*)::int as made,
    (count(*) filter (where k.made_at > clock() - make_interval(secs => ${rateSeconds})))::int as lately
  from claim k where k.benefit_id + 0 = ${benefitId} and exists (select from office) group by k.session_id`;

const rateSeconds = 10;

type Found = Omit<DeskClaims, 'changes'> & { draw: DrawStep | null };

/** How a benefit is claimed, and how far that has come, for its organiser. */
export async function showDesk(c: Ctx, benefitId: number): Promise<DeskClaims> {
  const actor = signedIn(c);
  const [found] = await c.env.db.execute<Found>(sql`
    with office as materialized (${offices(actor)}),
      setter as materialized (${holding(actor, 'terms')}),
      counted as materialized (${counted(benefitId)})
    select iso(clock()) as "serverTime", jsonb_build_object(
        'id', b.id, 'union', ${named('u')}, 'kind', b.kind, 'titleZh', b.title_zh, 'titleEn', b.title_en,
        'stage', b.stage, 'startsAt', iso(b.starts_at), 'endsAt', iso(b.ends_at),
        'priceFen', b.price_fen, 'quantityMax', claim_most(b),
        'places', (select coalesce(sum(a.cap), 0) from allocation a where a.benefit_id = b.id),
        'outlets', coalesce((
          select jsonb_agg(${named('o')} order by o.id)
          from benefit_partner p join outlet o on o.partner_id = p.partner_id
          where p.benefit_id = b.id and p.state <> 'ended' and o.closed_at is null
            and (p.outlet_ids is null or o.id = any(p.outlet_ids))), '[]')) as benefit,
      (
        select jsonb_build_object('kind', b.claim_kind, 'opensAt', iso(t.opens_at), 'closesAt', iso(t.closes_at),
          'holdMinutes', t.hold_minutes, 'cancelMinutes', t.cancel_minutes,
          'hasWaitList', t.has_wait_list, 'answerMinutes', t.answer_minutes,
          'needsApproval', t.needs_approval, 'doorMinutes', t.door_minutes, 'walkIns', t.walk_ins,
          'questions', t.questions, 'lateCancelWeight', t.late_cancel_weight,
          'noShowWeight', t.no_show_weight, 'version', t.version)
        from claim_terms t where t.benefit_id = b.id
      ) as terms,
      ${missing} as missing,
      (
        select jsonb_build_object('isClosed', t.closes_at <= clock(), 'isDrawn', d.drawn_at is not null)
        from draw d join claim_terms t on t.benefit_id = d.benefit_id where d.benefit_id = b.id
      ) as draw,
      exists (select from claim k where k.benefit_id + 0 = b.id) as "isClaimed",
      coalesce((
        select jsonb_agg(jsonb_build_object('id', s.id, 'titleZh', s.title_zh, 'titleEn', s.title_en,
          'placeZh', s.place_zh, 'placeEn', s.place_en,
          'outlet', case when o.id is not null then ${named('o')} end,
          'startsAt', iso(s.starts_at), 'endsAt', iso(s.ends_at), 'priceFen', s.price_fen,
          'cap', s.cap, 'taken', s.taken, 'toCome', ${toCome}, 'cancelledAt', iso(s.cancelled_at),
          'cancelReason', s.cancel_reason, 'entered', coalesce(k.entered, 0), 'asked', coalesce(k.asked, 0),
          'held', coalesce(k.held, 0), 'confirmed', coalesce(k.confirmed, 0),
          'waiting', coalesce(k.waiting, 0), 'used', coalesce(k.used, 0),
          'noShow', coalesce(k.no_show, 0)) order by s.starts_at nulls first, s.id)
        from session s left join outlet o on o.id = s.outlet_id left join counted k on k.session_id = s.id
        where s.benefit_id = b.id and not s.is_room), '[]') as sessions,
      coalesce((
        select jsonb_agg(jsonb_build_object('id', w.id, 'opensAt', iso(w.opens_at),
          'entrySeconds', w.entry_seconds, 'openedAt', iso(w.opened_at), 'units', (
            select jsonb_agg(jsonb_build_object('session', n.session_id, 'units', n.units) order by n.session_id)
            from wave_units n where n.wave_id = w.id)) order by w.opens_at)
        from wave w where w.benefit_id = b.id), '[]') as waves,
      jsonb_build_object('set', ${maySet(sql`table setter`)} and b.stage <> 'ended',
        'decide', ${maySet(sql`table setter`)}) as can
    from ${readable(benefitId)}`);
  if (!found) return refuse(c);
  const { draw, ...desk } = found;
  return { ...desk, changes: changesOf(draw) };
}

const toCome = sql`coalesce((
  select sum(n.units) from wave_units n join wave w on w.id = n.wave_id
  where n.session_id = s.id and w.opened_at is null), 0)`;

/** A drop while it runs, small enough to be asked for every second or two. */
export type DropView = {
  serverTime: string;
  /** Claims made in the last ten seconds, by the second. */
  claimsASecond: number;
  made: number;
  entered: number;
  held: number;
  confirmed: number;
  waiting: number;
  /** `cap` is what is there: until the first wave opens, what a session was given besides is still to come with it. */
  sessions: { id: number; cap: number; taken: number; waiting: number; toCome: number }[];
  wave: { opensAt: string; entrySeconds: number; units: number } | null;
};

/** Reads the benefit's own claims off one index, and nothing of any other's. */
export async function watchDrop(c: Ctx, benefitId: number): Promise<DropView> {
  const actor: Actor = signedIn(c);
  const [found] = await c.env.db.execute<DropView>(sql`
    with office as materialized (${offices(actor)}), counted as materialized (${counted(benefitId)})
    select iso(clock()) as "serverTime", total.*,
      coalesce((
        select jsonb_agg(jsonb_build_object('id', s.id, 'cap', s.cap - ahead.units, 'taken', s.taken,
          'waiting', coalesce(k.waiting, 0), 'toCome', ${toCome} + ahead.units) order by s.starts_at, s.id)
        from session s
        cross join lateral (
          select case when exists (
            select from wave w where w.benefit_id = s.benefit_id and w.opened_at is not null
          ) then 0 else s.cap - s.taken end as units
        ) ahead
        left join counted k on k.session_id = s.id
        where s.benefit_id = b.id and s.cancelled_at is null), '[]') as sessions,
      (
        select jsonb_build_object('opensAt', iso(w.opens_at), 'entrySeconds', w.entry_seconds,
          'units', (select sum(n.units) from wave_units n where n.wave_id = w.id))
        from wave w where w.benefit_id = b.id and w.opened_at is null order by w.opens_at limit 1
      ) as wave
    from ${readable(benefitId)}
    cross join (
      select coalesce(sum(lately), 0)::float8 / ${rateSeconds} as "claimsASecond",
        coalesce(sum(made), 0)::int as made, coalesce(sum(entered), 0)::int as entered,
        coalesce(sum(held), 0)::int as held, coalesce(sum(confirmed), 0)::int as confirmed,
        coalesce(sum(waiting), 0)::int as waiting
      from counted
    ) total
    where b.claim_kind = 'drop'`);
  return found ?? refuse(c);
}
