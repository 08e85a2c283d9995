import type { Services } from '../context.ts';
import { Problem } from '../errors.ts';
import { fromContent } from './content.ts';
import { checkJws, toJws } from './jws.ts';
import type { Claims } from './pack.ts';
import { fromShortCode, minuteOfCode } from './short-code.ts';
import { expiryOf } from './times.ts';

/** What a QR says, once it is certain that one of our keys signed it. A forged one costs no statement. */
export async function verifyPass(services: Services, content: string): Promise<Claims> {
  const { keys, sql, config } = services;
  const { signature, ...claims } = fromContent(config.origin, content);
  const jws = toJws(config.origin, claims, signature);
  const verified = await checkJws(jws, config.origin, (kid) => keys.verifier(sql, kid));
  if (verified === null) throw new Problem('pass_invalid');
  return verified;
}

/** The same claims out of a typed short code, or null for a wrong one, which costs no statement. */
export async function verifyShortCode(
  { keys, sql }: Services,
  typed: string,
): Promise<Claims | null> {
  const code = fromShortCode(typed);
  if (code === null) return null;
  const { shortCodes } = await keys.derived();
  const minute = await minuteOfCode(shortCodes, code, await keys.now(sql));
  const kid = minute === null ? null : await keys.signingKid(sql, minute);
  return minute === null || kid === null ? null : { ...code, kid, exp: expiryOf(minute) };
}
