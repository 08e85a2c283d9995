import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { type BookletPass, makeBooklet } from '../passes/booklet.ts';
import {
  acceptMandate,
  isPrincipalBlocked,
  lockPrincipal,
  type Mandate,
  putOnPhone,
  readCarried,
  readMandates,
} from './mandate-queries.ts';

export type CarriedCard = {
  serverTime: Date;
  holder: { maskedName: string };
  passes: BookletPass[];
};

export function listMandates(c: Ctx): Promise<Mandate[]> {
  return readMandates(c.env.sql, signedIn(c));
}

/** Whoever was named says yes; from now on he may put the member's card on his phone. */
export async function accept(c: Ctx, id: number): Promise<void> {
  const actor = signedIn(c);
  const done = await c.env.sql.begin(async (tx) => {
    if (!(await lockPrincipal(tx, c.env.sql, actor, id))) return false;
    await acceptMandate(tx, id);
    return true;
  });
  if (!done) await refuse(c);
}

/** Puts a card of the member's on the proxy's phone; it is on one phone of his at a time. */
export async function carry(
  c: Ctx,
  id: number,
  phone: { phoneHash: string; phoneLabel: string },
): Promise<void> {
  const actor = signedIn(c);
  const done = await c.env.sql.begin(async (tx) => {
    const principal = await lockPrincipal(tx, c.env.sql, actor, id);
    if (!principal?.acceptedAt) return false;
    if (await isPrincipalBlocked(tx, principal)) throw new Problem('card_blocked');
    await putOnPhone(tx, id, principal, phone);
    return true;
  });
  if (!done) await refuse(c);
}

/** The booklet for the proxy's phone: no pass of it outlives the mandate. */
export async function showFor(c: Ctx, id: number, phoneHash: string | null): Promise<CarriedCard> {
  const found = await readCarried(c.env.sql, signedIn(c), id, phoneHash);
  if (!found) return refuse(c);
  const { now, number, maskedName, endsAt } = found;
  if (number === null) throw new Problem('card_not_enrolled');
  const passes = await makeBooklet(c.env, number, now);
  return {
    serverTime: now,
    holder: { maskedName },
    passes: passes.filter(({ expiresAt }) => endsAt === null || new Date(expiresAt) <= endsAt),
  };
}
