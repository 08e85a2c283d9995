import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { phoneHash } from '../members/personal-data.ts';
import { addressHash, codeHash, makeCode } from './code.ts';
import { readPhone } from './phone.ts';
import { allowCode } from './queries.ts';

/** In ten minutes. An address may be the one door of a whole office. */
const limits = { perPhone: 5, perAddress: 50 };
/** The demo's few people sign in over and over, and their codes cost nothing. */
const demoLimits = { perPhone: 1000, perAddress: 10_000 };

/**
 * Sends a one-time code. It never asks whether the phone belongs to anybody, so a stranger's phone gets the same answer
 * after the same work.
 */
export async function sendCode(c: Ctx, written: string): Promise<void> {
  const { config, sql, sms, address } = c.env;
  const phone = readPhone(written);
  const hash = await phoneHash(config.secret, phone);
  const code = makeCode();
  const wait = await allowCode(
    sql,
    {
      phoneHash: hash,
      codeHash: await codeHash(config.secret, hash, code),
      addressHash: await addressHash(config.secret, address),
    },
    config.demo ? demoLimits : limits,
  );
  if (wait > 0) throw new Problem('too_many_attempts', {}, { 'Retry-After': String(wait) });
  await sms.send(phone, code);
}
