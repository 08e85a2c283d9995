import { symmetricEncrypt } from 'better-auth/crypto';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { findSession } from './actor.ts';
import { keepSecret } from './queries.ts';
import { makeSecret, totpUri } from './totp.ts';

/**
 * A new secret for the caller's authenticator, in force from its first right code; until then asking again replaces it.
 * Only who holds an office has one, and a confirmed one is not replaced here.
 */
export async function enrolSecondFactor(c: Ctx): Promise<{ totpURI: string }> {
  const { session } = (await findSession(c)) ?? { session: null };
  if (session === null) throw new Problem('not_signed_in');
  const secret = makeSecret();
  const cipher = await symmetricEncrypt({ key: c.env.config.secret, data: secret });
  const kept = await keepSecret(c.env.sql, session.userId, cipher);
  if (kept.account === null) throw new Problem('not_found');
  if (!kept.done) throw new Problem('second_factor_exists');
  return { totpURI: totpUri(secret, kept.account) };
}
