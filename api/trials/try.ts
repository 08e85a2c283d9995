import { uuidv7obj } from 'uuidv7';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem, type ProblemCode } from '../errors.ts';
import { cellOfCard } from '../redemptions/id.ts';
import { retried } from '../batches/retried.ts';
import { readTicket } from '../scans/ticket.ts';

export type Tried = { isAccepted: true; benefit: number; quantity: number; priceFen: number };

type Answer = {
  outcome: 'accepted' | ProblemCode;
  detail: Record<string, unknown> | null;
  priceFen: number;
};

/**
 * A test redemption of an admission in testing: judged as a real one on a real member's pass, but nothing is counted or
 * paid, and the pass stays unused. Its refusals are the real ones.
 */
export async function tryRedemption(
  c: Ctx,
  { ticket, benefit, quantity }: { ticket: string; benefit: number; quantity: number },
): Promise<Tried> {
  const { userId, sessionAt } = signedIn(c);
  const { tickets } = await c.env.keys.derived();
  const { pass, outlet, scannedAt, validUntil } = readTicket(
    tickets,
    c.env.config.origin,
    userId,
    ticket,
  );
  const cell = cellOfCard(pass.card);
  const scan = { ...pass, outlet, scannedAt, scanValidUntil: validUntil, user: userId, sessionAt };
  const item = { ...scan, id: idIn(cell), cell, benefit, quantity };
  const { sql } = c.env;
  const [row] = await retried(
    () => sql<{ answer: Answer | null }[]>`select try_redemption(${sql.json(item)}) as answer`,
  );
  const answer = row?.answer ?? null;
  if (answer === null) return refuse(c);
  if (answer.outcome !== 'accepted') throw new Problem(answer.outcome, answer.detail ?? {});
  return { isAccepted: true, benefit, quantity, priceFen: answer.priceFen };
}

/** Of a redemption that is never kept. */
function idIn(cell: number): string {
  const bytes = Uint8Array.from(uuidv7obj().bytes);
  bytes[15] = ((bytes[15] ?? 0) & 0xc0) | cell;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
