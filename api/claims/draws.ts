import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { draw, type DrawWeights } from '../../db/schema/claims.ts';
import { record } from '../audit/record.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Applier } from '../proposals/applier.ts';
import { propose, type Proposed } from '../proposals/propose.ts';
import { holding } from '../unions/office.ts';
import { integer, text } from '../validate.ts';
import { type Chance, chancesOf, type WeightCount } from './fairness.ts';
import { lockClaimed } from './terms.ts';

const tickets = integer(0, 20);

export const drawForm = z.strictObject({
  numberZh: text(60),
  numberEn: text(120),
  weights: z
    .strictObject({
      neverWon: tickets.exactOptional(),
      tags: z.record(text(40), tickets).exactOptional(),
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
      after: {
        commitment: made.commitment,
        numberZh,
        neverWon: weights.neverWon ?? 0,
        tickets: Object.entries(weights.tags ?? {})
          .map(([tag, more]) => `${tag} +${more}`)
          .join('；'),
      },
    });
    return made;
  });
  return done ?? refuse(c);
}

/** What it would come to if it were drawn now with a number made up: who has which weight, and how many of them win. */
export async function rehearseDraw(c: Ctx, benefitId: number): Promise<{ chances: Chance[] }> {
  const actor = signedIn(c);
  const [found] = await c.env.db.execute<{ counts: WeightCount[] }>(sql`
    with office as materialized (${holding(actor, 'terms')})
    select coalesce((select jsonb_agg(r) from rehearse_draw(b.id) r), '[]') as counts
    from benefit b join trade_union u on u.id = b.union_id
    where b.id = ${benefitId}
      and exists (select from draw d where d.benefit_id = b.id and d.drawn_at is null)
      and exists (select from office o where o.union_id = any(u.path))`);
  return found ? { chances: chancesOf(found.counts) } : refuse(c);
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
    const [found] = await tx
      .select()
      .from(draw)
      .where(sql`benefit_id = ${benefitId}`);
    if (!found?.listHash) throw new Problem('draw_not_listed');
    if (found.drawnAt !== null) throw new Problem('draw_over');
    const waiting = await tx.execute(sql`
      select from proposal p where p.action = 'draw.run' and p.subject = 'benefit'
        and p.subject_id = ${String(benefitId)} and p.state = 'open' and p.expires_at > clock()`);
    if (waiting.length > 0) throw new Problem('draw_number_waiting');
    const proposal = await propose(tx, actor, {
      unionId: row.unionId,
      isAsked: true,
      action: 'draw.run',
      subject: 'benefit',
      subjectId: benefitId,
      subjectVersion: found.listHash,
      payload: { number, numberZh: found.numberZh, numberEn: found.numberEn },
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
  if (answer?.outcome !== 'drawn') throw new Problem('proposal_stale');
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

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
