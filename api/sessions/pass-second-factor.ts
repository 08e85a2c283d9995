import { symmetricDecrypt } from 'better-auth/crypto';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { findSession, forwardCookies } from './actor.ts';
import { acceptStep, readSecret, takeToken } from './queries.ts';
import { findStep, stepAt } from './totp.ts';

const triesMax = 5;
/** The demo's officers come and go with every visitor. */
const demoTriesMax = 1000;
const windowSeconds = 300;

/** Raises the caller's session by a code of the authenticator. Each code counts once; five tries in five minutes. */
export async function passSecondFactor(c: Ctx, code: string): Promise<void> {
  const { config, sql } = c.env;
  const { session } = (await findSession(c)) ?? { session: null };
  if (session === null) throw new Problem('not_signed_in');
  const { userId, token } = session;
  const tries = config.demo ? demoTriesMax : triesMax;
  const wait = await takeToken(sql, `second factor of ${userId}`, tries, windowSeconds);
  if (wait > 0) throw new Problem('too_many_attempts', {}, { 'Retry-After': String(wait) });
  const factor = await readSecret(sql, userId);
  if (factor === null) throw new Problem('code_not_accepted');
  const secret = await symmetricDecrypt({ key: config.secret, data: factor.cipher });
  const step = await findStep(secret, code, stepAt(factor.epoch));
  if (step === null || !(await acceptStep(sql, { userId, token, cipher: factor.cipher, step })))
    throw new Problem('code_not_accepted');
  const raised = await findSession(c);
  if (raised !== null) forwardCookies(c, raised.headers);
}
