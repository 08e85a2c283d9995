import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { checkHolder } from './printed.ts';
import { type CardKind, type OfferedBenefit, preview } from './queries.ts';
import { type Held, readShown } from './shown.ts';
import { issueTicket, ticketMinutes } from './ticket.ts';

/** What is shown, and at which outlet; of a printed card also what the ID card says. */
type Scanning = Held & { outlet: number; idLastFour?: string | undefined };

export type Scanned = {
  ticket: string;
  scannedAt: string;
  validUntil: string;
  cell: number;
  holder: { maskedName: string };
  cardKind: CardKind;
  benefits: OfferedBenefit[];
};

/** A scan is not yet a redemption (decision 12): it writes nothing, and its ticket says for five minutes what was scanned. */
export async function scan(c: Ctx, { outlet, idLastFour, ...held }: Scanning): Promise<Scanned> {
  const actor = signedIn(c);
  const { claims, printed } = await readShown(c, held);
  const seen = await preview(c.env.sql, actor, claims, outlet);
  if (seen.refusal !== null) throw new Problem(seen.refusal, seen.detail ?? {});
  const { scannedAt, cell, maskedName, cardKind, benefits } = seen;
  if (printed !== null) await checkHolder(c.env, printed, scannedAt, idLastFour);
  const validUntil = new Date(Date.parse(scannedAt) + ticketMinutes * 60_000).toISOString();
  const { tickets } = await c.env.keys.derived();
  const ticket = issueTicket(tickets, c.env.config.origin, actor.userId, {
    pass: claims,
    outlet,
    scannedAt,
    validUntil,
  });
  return { ticket, scannedAt, validUntil, cell, holder: { maskedName }, cardKind, benefits };
}
