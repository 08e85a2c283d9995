import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { draw, type DrawWeights } from '../../db/schema/claims.ts';
import { record } from '../audit/record.ts';
import { authority, refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem, type ProblemCode } from '../errors.ts';
import type { Applier } from '../proposals/applier.ts';
import { propose, type Proposed } from '../proposals/propose.ts';
import { holding } from '../unions/office.ts';
import { integer, text } from '../validate.ts';
import { lockClaimed } from './terms.ts';

const tickets = integer(0, 20);

export const drawForm = z.strictObject({
  numberZh: text(60),
  numberEn: text(120),
  weights: z
    .strictObject({
      neverWon: tickets.exactOptional(),
      tags: z.record(z.string().min(1).max(40), tickets).exactOptional(),
    })
    .default({}),
  reason: text(200),
});

/**
 * Commits a draw to a secret that nobody has seen, before its sign-up opens: from then on secret, weights and the name of
 * the public number are fixed.
 */
export async function commitDraw(
  c: Ctx,
  benefitId: number,
  { numberZh, numberEn, weights, reason }: z.infer<typeof drawForm>,
): Promise<{ commitment: string }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const row = await lockClaimed(tx, actor, benefitId);
    if (!row) return undefined;
    if (row.claimKind !== 'draw') throw new Problem('claims_not_set');
    const [found] = await tx.execute<{ isBegun: boolean; isCommitted: boolean }>(sql`
      select t.opens_at <= clock() as "isBegun",
        exists (select from draw d where d.benefit_id = t.benefit_id) as "isCommitted"
      from claim_terms t where t.benefit_id = ${benefitId}`);
    if (found?.isCommitted) throw new Problem('draw_committed');
    if (found?.isBegun !== false) throw new Problem('draw_begun');
    const secret = hex(crypto.getRandomValues(new Uint8Array(32)));
    const [made] = await tx
      .insert(draw)
      .values({
        benefitId,
        secret,
        commitment: sql`encode(sha256(decode(${secret}, 'hex')), 'hex')`,
        committedAt: sql`clock()`,
        numberZh,
        numberEn,
        weights: weights as DrawWeights,
      })
      .returning({ commitment: draw.commitment });
    if (!made) throw new Error('The insert returned no row.');
    await record(tx, {
      userId: actor.userId,
      unionId: row.unionId,
      action: 'draw.commit',
      subject: 'benefit',
      subjectId: benefitId,
      reason,
      before: null,
      after: { commitment: made.commitment, numberZh, weights: JSON.stringify(weights) },
    });
    return made;
  });
  return done ?? refuse(c);
}

export type Chance = { weight: number; entries: number; won: number };

/** What it would come to if it were drawn now with a number made up: who has which weight, and how many of them win. */
export async function rehearseDraw(c: Ctx, benefitId: number): Promise<{ chances: Chance[] }> {
  const actor = signedIn(c);
  const found = await c.env.db.execute<{ chances: Chance[] }>(sql`
    with office as materialized (${holding(actor, 'terms')})
    select coalesce((select jsonb_agg(r) from rehearse_draw(b.id) r), '[]') as chances
    from benefit b join trade_union u on u.id = b.union_id
    where b.id = ${benefitId} and exists (select from draw d where d.benefit_id = b.id)
      and exists (select from office o where o.union_id = any(u.path))`);
  return found[0] ?? refuse(c);
}

export const numberForm = z.strictObject({ number: text(80), reason: text(200) });

/** One person enters the public number; a second one of the union compares it and says yes, and with that it is drawn. */
export async function enterNumber(
  c: Ctx,
  benefitId: number,
  { number, reason }: z.infer<typeof numberForm>,
): Promise<{ proposal: Proposed }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const row = await lockClaimed(tx, actor, benefitId);
    if (!row) return undefined;
    await tx.execute(sql`select close_draw(${benefitId})`);
    const [found] = await tx.execute<{ listHash: string | null; drawnAt: Date | null }>(sql`
      select list_hash as "listHash", drawn_at as "drawnAt" from draw where benefit_id = ${benefitId}`);
    if (!found?.listHash) throw new Problem('draw_not_listed');
    if (found.drawnAt !== null) throw new Problem('draw_over');
    const proposal = await propose(tx, actor, {
      unionId: row.unionId,
      isAsked: true,
      action: 'draw.run',
      subject: 'benefit',
      subjectId: benefitId,
      subjectVersion: found.listHash,
      payload: { number },
      amountFen: 0,
      reason,
    });
    if (proposal === null) throw new Error('A draw takes two persons.');
    return { proposal };
  });
  return done ?? refuse(c);
}

/** The second person's yes to it. */
export const applyNumber: Applier = async (
  tx,
  by,
  { subjectId, subjectVersion, payload, ...of },
) => {
  const benefitId = Number(subjectId);
  const { number } = z.object({ number: z.string() }).parse(payload);
  const [found] = await tx.execute<{ listHash: string }>(sql`
    select list_hash as "listHash" from draw where benefit_id = ${benefitId}`);
  if (found?.listHash !== subjectVersion) throw new Problem('proposal_stale');
  const [answer] = await tx.execute<{ outcome: string }>(sql`
    select run_draw(${benefitId}, ${number}) as outcome`);
  if (answer?.outcome !== 'drawn') throw new Problem(answer?.outcome as ProblemCode);
  await record(tx, {
    userId: by.proposedBy,
    confirmedBy: by.confirmedBy,
    unionId: of.unionId,
    action: 'draw.run',
    subject: 'benefit',
    subjectId: benefitId,
    reason: of.reason,
    before: null,
    after: { number, listHash: found.listHash },
  });
};

/** All that anybody may know of a draw: enough to do it again. The secret is told when it is drawn. Instants ISO 8601. */
export type DrawView = {
  commitment: string;
  committedAt: string;
  numberZh: string;
  numberEn: string;
  weights: DrawWeights;
  opensAt: string;
  closesAt: string;
  entries: number;
  listHash: string | null;
  listedAt: string | null;
  number: string | null;
  secret: string | null;
  seed: string | null;
  drawnAt: string | null;
  prizes: { id: number; titleZh: string; titleEn: string; units: number }[];
  /** The winners' pseudonyms in the order that was drawn, with the prize each of them has, or had before it went on. */
  winners: { pseudonym: string; place: number; prize: number | null }[];
  /** How many of each weight entered, and how many of these have won. */
  chances: Chance[];
};

/** For whoever is signed in: a draw has no secrets but the one. */
export async function showDraw(c: Ctx, benefitId: number): Promise<DrawView> {
  const [found] = await c.env.db.execute<DrawView>(sql`
    select d.commitment, iso(d.committed_at) as "committedAt", d.number_zh as "numberZh",
      d.number_en as "numberEn", d.weights, iso(t.opens_at) as "opensAt", iso(t.closes_at) as "closesAt",
      (select count(*)::int from claim e where e.benefit_id = b.id and e.state <> 'cancelled') as entries,
      d.list_hash as "listHash", iso(d.listed_at) as "listedAt", d.number,
      case when d.drawn_at is not null then d.secret end as secret, d.seed, iso(d.drawn_at) as "drawnAt",
      coalesce((
        select jsonb_agg(jsonb_build_object('id', s.id, 'titleZh', s.title_zh, 'titleEn', s.title_en,
          'units', s.cap) order by s.id)
        from session s where s.benefit_id = b.id and s.cancelled_at is null), '[]') as prizes,
      coalesce((
        select jsonb_agg(jsonb_build_object('pseudonym', e.pseudonym, 'place', e.place,
          'prize', k.session_id) order by e.place)
        from draw_entry e join claim k on k.cell = e.cell and k.id = e.claim_id
        where e.benefit_id = b.id and k.state in ('asked', 'held', 'offered', 'confirmed', 'used', 'no_show')
      ), '[]') as winners,
      coalesce((
        select jsonb_agg(w order by w.weight) from (
          select e.weight, count(*) as entries, count(*) filter (
            where k.state in ('asked', 'held', 'offered', 'confirmed', 'used', 'no_show')) as won
          from draw_entry e join claim k on k.cell = e.cell and k.id = e.claim_id
          where e.benefit_id = b.id group by e.weight
        ) w), '[]') as chances
    from benefit b join claim_terms t on t.benefit_id = b.id join draw d on d.benefit_id = b.id
    where b.id = ${benefitId} and b.stage in ('published', 'ended')
      and exists (select from ${authority(signedIn(c))})`);
  return found ?? refuse(c);
}

/** The closed list, to the letter as it was hashed. */
export async function readDrawList(c: Ctx, benefitId: number): Promise<string> {
  const [found] = await c.env.db.execute<{ list: string }>(sql`
    select draw_list(d.benefit_id) as list from draw d
    where d.benefit_id = ${benefitId} and d.listed_at is not null
      and exists (select from ${authority(signedIn(c))})`);
  return found?.list ?? refuse(c);
}

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
