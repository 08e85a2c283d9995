import { and, eq, sql } from 'drizzle-orm';
import * as z from 'zod';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { budget } from '../../db/schema/budgets.ts';
import type { Applier } from '../proposals/applier.ts';
import { type By, propose, type Proposed } from '../proposals/propose.ts';
import { holding } from '../unions/office.ts';

const payloadForm = z.strictObject({
  unionId: z.int(),
  year: z.int(),
  amountFen: z.int(),
  alertPercents: z.array(z.int()),
});

type Wanted = z.infer<typeof payloadForm>;
type Kept = typeof budget.$inferSelect;

export type BudgetSet = { unionId: number; year: number; amountFen: number; version: number };

/**
 * Sets what a union has for a year, if it is still at the version that the caller looked at (0: there is none). More money
 * than before takes two persons above the union's threshold; it never falls below what is used and reserved.
 */
export async function setBudget(
  c: Ctx,
  wanted: Wanted,
  { version, reason }: { version: number; reason: string },
): Promise<BudgetSet | { proposal: Proposed }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const mine = await tx.execute(sql`
      select from trade_union u, (${holding(actor, 'money')}) o
      where u.id = ${wanted.unionId} and o.union_id = any(u.path)`);
    if (mine.length === 0) return undefined;
    const kept = await lockBudget(tx, wanted);
    if ((kept?.version ?? 0) !== version)
      throw new Problem('changed_meanwhile', { version: kept?.version ?? 0 });
    const proposal = await propose(tx, actor, {
      unionId: wanted.unionId,
      action: 'budget.set',
      subject: 'union',
      subjectId: wanted.unionId,
      subjectVersion: version,
      payload: wanted,
      amountFen: wanted.amountFen > (kept?.amountFen ?? 0) ? wanted.amountFen : 0,
      reason,
    });
    if (proposal) return { proposal };
    return write(tx, { proposedBy: actor.userId, confirmedBy: null }, kept, wanted, reason);
  });
  return done ?? refuse(c);
}

/** The second person's yes to it. */
export const applyBudget: Applier = async (tx, by, { payload, subjectVersion, reason }) => {
  const wanted = payloadForm.parse(payload);
  const kept = await lockBudget(tx, wanted);
  if (String(kept?.version ?? 0) !== subjectVersion) throw new Problem('proposal_stale');
  await write(tx, by, kept, wanted, reason);
};

async function lockBudget(tx: Tx, { unionId, year }: Wanted): Promise<Kept | undefined> {
  const [kept] = await tx
    .select()
    .from(budget)
    .where(and(eq(budget.unionId, unionId), eq(budget.year, year)))
    .for('no key update');
  return kept;
}

async function write(
  tx: Tx,
  by: By,
  kept: Kept | undefined,
  { unionId, year, amountFen, alertPercents }: Wanted,
  reason: string,
): Promise<BudgetSet> {
  const version = (kept?.version ?? 0) + 1;
  if (kept) {
    await requireMoney(tx, kept, amountFen);
    await tx
      .update(budget)
      .set({ amountFen, alertPercents, version })
      .where(eq(budget.id, kept.id));
  } else {
    const made = await tx
      .insert(budget)
      .values({ unionId, year, amountFen, alertPercents })
      .onConflictDoNothing()
      .returning({ id: budget.id });
    if (made.length === 0) throw new Problem('changed_meanwhile');
  }
  await record(tx, {
    userId: by.proposedBy,
    confirmedBy: by.confirmedBy,
    unionId,
    action: 'budget.set',
    subject: 'union',
    subjectId: unionId,
    reason,
    before: kept ? { year, amountFen: kept.amountFen, alertPercents: kept.alertPercents } : null,
    after: { year, amountFen, alertPercents },
  });
  return { unionId, year, amountFen, version };
}

async function requireMoney(tx: Tx, { id, unionId, amountFen: before }: Kept, amountFen: number) {
  if (amountFen >= before) return;
  const [state] = await tx.execute<{ needed: number }>(sql`
    select s.used_fen + s.reserved_fen as needed from budget_states(array[${id}::int]) s`);
  const neededFen = Number(state?.needed ?? 0);
  if (amountFen < neededFen)
    throw new Problem('budget_short', { unionId, leftFen: amountFen, neededFen });
}
