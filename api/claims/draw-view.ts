import { type SQL, sql } from 'drizzle-orm';
import type { ClaimState, DrawWeights } from '../../db/schema/claims.ts';
import { authority, refuse, signedIn } from '../authority.ts';
import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';
import { byteOrderMark, csv } from '../csv.ts';
import { holding } from '../unions/office.ts';
import { type Chance, chancesOf, type WeightCount } from './fairness.ts';

/** `units` at `priceFen` each; without prices of their own the benefit's. */
export type Prize = {
  id: number;
  titleZh: string;
  titleEn: string;
  units: number;
  priceFen: number;
};

/**
 * `isFirst`: drawn for a prize, and not moved up after another had let go of his. `standing`: confirmed, or waiting to be,
 * or gone on to the next.
 */
export type Winner = {
  pseudonym: string;
  place: number;
  prize: number | null;
  isFirst: boolean;
  standing: 'kept' | 'open' | 'gone';
};

/** All that anybody may know of a draw: enough to do it again. The secret is told when it is drawn. Instants ISO 8601. */
export type DrawView = {
  serverTime: string;
  titleZh: string;
  titleEn: string;
  commitment: string;
  committedAt: string;
  numberZh: string;
  numberEn: string;
  weights: DrawWeights;
  opensAt: string;
  closesAt: string;
  holdMinutes: number | null;
  hasWaitList: boolean;
  answerMinutes: number;
  needsApproval: boolean;
  entries: number;
  listHash: string | null;
  listedAt: string | null;
  number: string | null;
  secret: string | null;
  seed: string | null;
  drawnAt: string | null;
  prizes: Prize[];
  /** In the order that was drawn. */
  winners: Winner[];
  /** Who stood before the last of those drawn for a prize and was not: he had given up, or his pool was used up. */
  passed: { pseudonym: string; place: number; isWithdrawn: boolean }[];
  chances: Chance[];
  /** The caller's own entry. */
  own: {
    claim: string;
    state: ClaimState;
    weight: number | null;
    place: number | null;
    prize: number | null;
  } | null;
  /** For officers: the number that waits for the second person. */
  waiting: { number: string; proposedAt: string; expiresAt: string } | null;
};

type Found = Omit<DrawView, 'chances'> & { counts: WeightCount[] };

/** For whoever is signed in, once the benefit is published: a draw has no secrets but the one. */
export async function showDraw(c: Ctx, benefitId: number): Promise<DrawView> {
  const actor = signedIn(c);
  const [found] = await c.env.db.execute<Found>(sql`
    with caller as materialized (select * from ${authority(actor)}),
    office as materialized (${holding(actor, 'read')}),
    entry as materialized (
      select e.pseudonym, e.place, e.weight, k.session_id as prize, k.state,
        coalesce(left_by.state in ('asked', 'held', 'confirmed'), false) as is_first,
        left_by.state = 'cancelled' as is_withdrawn
      from draw_entry e
      join claim k on k.cell = e.cell and k.id = e.claim_id
      left join claim_event left_by on left_by.cell = e.cell and left_by.claim_id = e.claim_id
        and left_by.before = 'entered'
      where e.benefit_id = ${benefitId}
    )
    select iso(clock()) as "serverTime", b.title_zh as "titleZh", b.title_en as "titleEn",
      d.commitment, iso(d.committed_at) as "committedAt", d.number_zh as "numberZh",
      d.number_en as "numberEn", d.weights, iso(t.opens_at) as "opensAt",
      iso(t.closes_at) as "closesAt", t.hold_minutes as "holdMinutes",
      t.has_wait_list as "hasWaitList", t.answer_minutes as "answerMinutes",
      t.needs_approval as "needsApproval",
      case when d.listed_at is not null then (select count(*) from entry)
        else (
          select count(*) from claim e where e.benefit_id = b.id and e.state = 'entered'
        ) end::int as entries,
      d.list_hash as "listHash", iso(d.listed_at) as "listedAt", d.number,
      case when d.drawn_at is not null then d.secret end as secret, d.seed,
      iso(d.drawn_at) as "drawnAt",
      coalesce((
        select jsonb_agg(jsonb_build_object('id', s.id, 'titleZh', s.title_zh, 'titleEn', s.title_en,
          'units', s.cap, 'priceFen', coalesce(s.price_fen, b.price_fen)) order by s.id)
        from session s where s.benefit_id = b.id and s.cancelled_at is null), '[]') as prizes,
      coalesce((
        select jsonb_agg(jsonb_build_object('pseudonym', e.pseudonym, 'place', e.place,
          'prize', e.prize, 'isFirst', e.is_first, 'standing', case
            when e.state in ('asked', 'held', 'offered') then 'open'
            when e.state in ('confirmed', 'used', 'no_show') then 'kept'
            else 'gone' end) order by e.place)
        from entry e
        where d.drawn_at is not null and (e.is_first or e.prize is not null
          or e.state in ('asked', 'offered', 'confirmed', 'used', 'no_show'))
      ), '[]') as winners,
      coalesce((
        select jsonb_agg(jsonb_build_object('pseudonym', e.pseudonym, 'place', e.place,
          'isWithdrawn', e.is_withdrawn) order by e.place)
        from entry e
        where not e.is_first and e.place < (select max(f.place) from entry f where f.is_first)
      ), '[]') as passed,
      coalesce((
        select jsonb_agg(w order by w.weight) from (
          select e.weight, count(*)::int as entries,
            count(*) filter (where e.is_first)::int as won
          from entry e group by e.weight
        ) w), '[]') as counts,
      (
        select jsonb_build_object('claim', k.id, 'state', k.state, 'weight', e.weight,
          'place', e.place, 'prize', k.session_id)
        from caller me
        join claim k on k.cell = me.cell and k.member_id = me.member_id and k.benefit_id = b.id
        left join draw_entry e on e.cell = k.cell and e.claim_id = k.id
        where me.role = 'member'
        order by e.weight is null, k.made_at desc limit 1
      ) as own,
      (
        select jsonb_build_object('number', p.payload ->> 'number', 'proposedAt', iso(p.proposed_at),
          'expiresAt', iso(p.expires_at))
        from proposal p
        where p.action = 'draw.run' and p.subject = 'benefit' and p.subject_id = b.id::text
          and p.state = 'open' and p.expires_at > clock()
          and exists (select from office o where o.union_id = any(u.path))
        order by p.id desc limit 1
      ) as waiting
    from benefit b join trade_union u on u.id = b.union_id
    join claim_terms t on t.benefit_id = b.id
    join draw d on d.benefit_id = b.id
    where b.id = ${benefitId} and ${mayLook(actor)}`);
  if (!found) return refuse(c);
  const { counts, ...view } = found;
  return { ...view, chances: chancesOf(counts) };
}

/** The closed list, to the letter as it was hashed. */
export async function readDrawList(c: Ctx, benefitId: number): Promise<string> {
  const actor = signedIn(c);
  const [found] = await c.env.db.execute<{ list: string }>(sql`
    select draw_list(d.benefit_id) as list
    from draw d join benefit b on b.id = d.benefit_id join trade_union u on u.id = b.union_id
    where b.id = ${benefitId} and d.listed_at is not null and ${mayLook(actor)}`);
  return found?.list ?? refuse(c);
}

/** Everybody may, of a benefit `b` that is published; of any other, who is in office over its union `u`. */
const mayLook = (actor: Actor): SQL => sql`
  exists (
    select from auth_user x
    where x.id = ${actor.userId} and session_counts(x, ${actor.sessionAt}::timestamptz)
  ) and (
    b.stage in ('published', 'ended')
    or exists (select from (${holding(actor, 'read')}) o where o.union_id = any(u.path))
  )`;

/** How many of each weight were to be expected and were drawn, as a file. */
export async function exportChances(c: Ctx, benefitId: number): Promise<string> {
  const { chances } = await showDraw(c, benefitId);
  const rounded = (value: number) => Number(value.toFixed(2));
  return (
    byteOrderMark +
    csv([
      ['weight', 'entries', 'expected', 'drawn'],
      ...chances.map(({ weight, entries, expected, won }) => [
        ...[weight, entries, rounded(expected), won],
      ]),
    ])
  );
}
