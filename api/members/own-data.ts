import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { refuseMember } from './me.ts';
import { readOwnData, type Stored } from './own-data-queries.ts';
import { openId, openPhone } from './personal-data.ts';

export type OwnData = Omit<Stored, 'id' | 'phoneCipher' | 'idCipher'> & {
  memberId: number;
  phone: string | null;
  idNumber: string | null;
};

/** All that is stored about the caller as a member, in clear: for him alone, also after he has left. */
export async function showOwnData(c: Ctx): Promise<OwnData> {
  const actor = signedIn(c);
  const found = await readOwnData(c.env.sql, actor);
  if (!found) return refuseMember(c, actor);
  const { id, phoneCipher, idCipher, ...rest } = found;
  const { secret } = c.env.config;
  return {
    memberId: id,
    phone: phoneCipher ? await openPhone(secret, bytes(phoneCipher)) : null,
    idNumber: idCipher ? await openId(secret, bytes(idCipher)) : null,
    ...rest,
  };
}

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
