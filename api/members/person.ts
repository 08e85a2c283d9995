import * as z from 'zod';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { readPhone } from '../sessions/phone.ts';
import { readIdNumber } from './id-number.ts';
import { idHash, phoneHash } from './personal-data.ts';

/** A person by what he is known by: a phone number, or the number of his ID card. */
export const person = z.union([
  z.strictObject({ phone: z.string().max(32) }),
  z.strictObject({ idNumber: z.string().max(32) }),
]);
export type Person = z.infer<typeof person>;

export type PersonHash = { phone: string | null; id: string | null };

/** The keyed hash to look him up by; a number that cannot be one is refused. */
export async function hashOf(c: Ctx, who: Person): Promise<PersonHash> {
  const { secret } = c.env.config;
  if ('phone' in who) return { phone: await phoneHash(secret, readPhone(who.phone)), id: null };
  const read = readIdNumber(who.idNumber);
  if (typeof read === 'string') throw new Problem('id_number_invalid');
  return { phone: null, id: await idHash(secret, read.number) };
}
