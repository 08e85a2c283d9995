import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { phoneHash } from '../members/personal-data.ts';
import { forwardCookies } from './actor.ts';
import { addressHash, codeHash } from './code.ts';
import { deviceLabel } from './device-label.ts';
import { readPhone } from './phone.ts';
import { takeToken } from './queries.ts';

/** From one address in ten minutes: guesses over many phones find an end, a whole office signs in. */
const triesPerAddress = 200;
/** The demo's people share one address, and sign in over and over. */
const demoTriesPerAddress = 10_000;
const windowSeconds = 600;

/** Signs in with a one-time code. Wrong, used, expired and never sent are one answer. */
export async function verifyCode(c: Ctx, written: string, code: string): Promise<void> {
  const { config, sql, auth, address } = c.env;
  const phone = readPhone(written);
  const key = `verify from ${await addressHash(config.secret, address)}`;
  const tries = config.demo ? demoTriesPerAddress : triesPerAddress;
  const wait = await takeToken(sql, key, tries, windowSeconds);
  if (wait > 0) throw new Problem('too_many_attempts', {}, { 'Retry-After': String(wait) });
  const hash = await phoneHash(config.secret, phone);
  const { headers } = await auth().api.verifyPhoneNumber({
    body: { phoneNumber: hash, code: await codeHash(config.secret, hash, code) },
    headers: new Headers({ 'User-Agent': deviceLabel(c.req.header('User-Agent')) }),
    returnHeaders: true,
  });
  forwardCookies(c, headers);
}
