import * as z from 'zod';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Claims } from '../passes/pack.ts';
import { readPrinted } from '../passes/printed.ts';
import { verifyPass, verifyShortCode } from '../passes/verify.ts';
import { passFor } from './printed.ts';

/** People hold all kinds of codes before the camera, and no QR holds more than this. */
export const shown = z.string().min(1).max(7089);

/** As it stands on the ID card, which ends with a check digit that may be X. */
export const idLastFour = z
  .string()
  .regex(/^[0-9]{3}[0-9Xx]$/, 'must be the last four characters of the ID card')
  .transform((value) => value.toUpperCase());

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
