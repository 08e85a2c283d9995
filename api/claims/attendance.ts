import { type SQL, sql } from 'drizzle-orm';
import type { ClaimState } from '../../db/schema/claims.ts';
import type { ClaimReason, Reason } from '../../db/schema/reasons.ts';
import { refuse, signedIn } from '../authority.ts';
import { retried } from '../batches/retried.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Claims } from '../passes/pack.ts';
import { checkHolder } from '../scans/printed.ts';
import { type Held, readShown } from '../scans/shown.ts';
import { issueTicket, ticketMinutes } from '../scans/ticket.ts';
import { atDoor, requireDoor } from './organiser.ts';

/** What a card says at an organiser's door. `already_in`: he was, since `at`. */
export type Seen = {
  outcome: 'attended' | 'already_in' | 'claim_needed';
  maskedName: string;
  /** The last six bits of the id of a claim that is made for him. */
  cell: number;
  claim: string | null;
  quantity: number | null;
  /** ISO 8601. */
  at: string | null;
  /** He has no claim, and may be let in all the same, by this ticket, within five minutes. */
  walkIn: { ticket: string; left: number } | null;
};

type Said = {
  outcome: 'attended' | 'replayed' | 'claim_needed' | Reason | ClaimReason;
  scannedAt: string;
  maskedName: string;
  cell: number;
  claim?: string;
  quantity?: number;
  at?: string;
  walkIns?: number | null;
};

/** The member whose card it is came. Once a claim, however often the card is shown. */
export async function attendByPass(
  c: Ctx,
  session: number,
  { idLastFour, ...held }: Held & { idLastFour?: string | undefined },
): Promise<Seen> {
  const { userId } = signedIn(c);
  const { claims, printed } = await readShown(c, held);
  if (printed !== null) {
    await requireDoor(c, session);
    const now = await c.env.keys.now(c.env.sql);
    await checkHolder(c.env, printed, new Date(now * 1000).toISOString(), idLastFour);
  }
  const said = await sayOf<Said>(
    c,
    sql`attend_by_pass(s.id, ${claims.card}::bigint, ${claims.kid}::smallint, ${claims.exp}::bigint, ${userId})`,
    sql`session s join benefit b on b.id = s.benefit_id where s.id = ${session}`,
  );
  const { maskedName, cell, claim = null, quantity = null, at = null, walkIns } = said;
  const seen = { maskedName, cell, claim, quantity, at, walkIn: null };
  if (said.outcome === 'attended') return { ...seen, outcome: 'attended' };
  if (said.outcome === 'replayed') return { ...seen, outcome: 'already_in' };
  if (said.outcome !== 'claim_needed') throw new Problem(said.outcome);
  const left = walkIns ?? 0;
  const walkIn = left > 0 ? { left, ticket: await ticketOf(c, claims, said.scannedAt) } : null;
  return { ...seen, outcome: 'claim_needed', walkIn };
}

/** Good at no outlet: it redeems nothing. */
async function ticketOf(c: Ctx, pass: Claims, scannedAt: string): Promise<string> {
  const { tickets } = await c.env.keys.derived();
  const validUntil = new Date(Date.parse(scannedAt) + ticketMinutes * 60_000).toISOString();
  const scan = { pass, outlet: 0, scannedAt, validUntil };
  return issueTicket(tickets, c.env.config.origin, signedIn(c).userId, scan);
}

export type Attendance = { state: ClaimState; quantity: number; at: string | null };

/** By hand, from the list: he came without his card. */
export const attend = (c: Ctx, id: string, reason: string | null): Promise<Attendance> =>
  change(c, id, sql`attend_claim(c.id, ${signedIn(c).userId}, ${reason})`);

/** It was the wrong one. */
export const unattend = (c: Ctx, id: string, reason: string | null): Promise<Attendance> =>
  change(c, id, sql`unattend_claim(c.id, ${signedIn(c).userId}, ${reason})`);

/** By hand, once it is over: nobody came. */
export const miss = (c: Ctx, id: string, reason: string): Promise<Attendance> =>
  change(c, id, sql`miss_claim(c.id, ${signedIn(c).userId}, ${reason})`);

type Changed = {
  outcome: 'attended' | 'absent' | 'missed' | 'replayed' | ClaimReason | Reason;
  state: ClaimState;
  quantity: number;
  at?: string;
};

async function change(c: Ctx, id: string, verb: SQL): Promise<Attendance> {
  const { outcome, state, quantity, at } = await sayOf<Changed>(
    c,
    verb,
    sql`claim c join benefit b on b.id = c.benefit_id
      where c.cell = cell_of(${id}::uuid) and c.id = ${id}::uuid`,
  );
  switch (outcome) {
    case 'attended':
    case 'absent':
    case 'missed':
    case 'replayed':
      return { state, quantity, at: at ?? null };
    default:
      throw new Problem(outcome);
  }
}

/** Calls it if the door is the caller's, in the one statement. */
async function sayOf<Answer>(c: Ctx, verb: SQL, from: SQL): Promise<Answer> {
  const [row] = await retried(() =>
    c.env.db.execute<{ said: Answer }>(sql`select ${verb} as said from ${from} and ${atDoor(c)}`),
  );
  return row?.said ?? refuse(c);
}
