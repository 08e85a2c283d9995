import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Claims } from '../passes/pack.ts';
import { readPrinted } from '../passes/printed.ts';
import { verifyPass, verifyShortCode } from '../passes/verify.ts';
import { passFor } from './printed.ts';

/** What was held before a scanner: a QR's content, or a short code that somebody typed. */
export type Held = { pass?: string | undefined; code?: string | undefined };

/** What it says, and the printed card where it was one: that counts together with its holder's ID card (checkHolder). */
export type Shown = { claims: Claims; printed: { card: number; exp: number } | null };

/** Certain of its signature, and of nothing else. */
export async function readShown(c: Ctx, { pass, code = '' }: Held): Promise<Shown> {
  if (pass === undefined) return { claims: await verifyTyped(c, code), printed: null };
  const printed = await readPrinted(c.env, pass);
  const claims =
    printed === null ? await verifyPass(c.env, pass) : await passFor(c.env, printed.card);
  return { claims, printed };
}

/** Forty bits can be guessed at, so wrong codes are counted; a right one costs its operator nothing. */
async function verifyTyped(c: Ctx, code: string): Promise<Claims> {
  const { userId } = signedIn(c);
  const waitSeconds = c.env.attempts.start(userId);
  if (waitSeconds !== null)
    throw new Problem('too_many_attempts', {}, { 'Retry-After': String(waitSeconds) });
  const claims = await verifyShortCode(c.env, code);
  if (claims === null) throw new Problem('pass_invalid');
  c.env.attempts.succeed(userId);
  return claims;
}
