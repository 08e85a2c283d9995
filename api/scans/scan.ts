import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Claims } from '../passes/pack.ts';
import { readPrinted } from '../passes/printed.ts';
import { verifyPass, verifyShortCode } from '../passes/verify.ts';
import { checkHolder, passFor } from './printed.ts';
import { type CardKind, type OfferedBenefit, preview } from './queries.ts';
import { issueTicket, ticketMinutes } from './ticket.ts';

/** A QR's content or a typed short code, and the outlet where it is shown; of a printed card also what the ID card says. */
export type Shown = {
  pass?: string | undefined;
  code?: string | undefined;
  outlet: number;
  idLastFour?: string | undefined;
};

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
export async function scan(
  c: Ctx,
  { pass, code = '', outlet, idLastFour }: Shown,
): Promise<Scanned> {
  const actor = signedIn(c);
  const printed = pass === undefined ? null : await readPrinted(c.env, pass);
  const claims =
    pass === undefined
      ? await verifyTyped(c, actor.userId, code)
      : printed === null
        ? await verifyPass(c.env, pass)
        : await passFor(c.env, printed.card);
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

/** Forty bits can be guessed at, so wrong codes are counted; a right one costs its operator nothing. */
async function verifyTyped(c: Ctx, userId: string, code: string): Promise<Claims> {
  const waitSeconds = c.env.attempts.start(userId);
  if (waitSeconds !== null)
    throw new Problem('too_many_attempts', {}, { 'Retry-After': String(waitSeconds) });
  const claims = await verifyShortCode(c.env, code);
  if (claims === null) throw new Problem('pass_invalid');
  c.env.attempts.succeed(userId);
  return claims;
}
