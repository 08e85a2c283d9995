import type { Services } from '../context.ts';
import type { Transaction } from '../../db/client.ts';
import {
  deleteRetired,
  freeKid,
  insertKey,
  lockKeys,
  readLatest,
  retireOthers,
  revokeKey,
} from './queries.ts';
import { sealKey } from './seal.ts';
import { bookletMinutes } from './times.ts';

type Store = { sql: Services['sql']; config: { secret: string } };

/** Longer than any copy of the JWKS or of a key ring lives, so that everybody knows a key before it signs. */
const leadSeconds = 15 * 60;
/** A phone's last pass of an old key, and a ring that hears of the new one a minute late. */
const overlapSeconds = (bookletMinutes + 30) * 60;
/** A counter's phone may bring a pass that it scanned without a network weeks ago. */
const retiredKeptSeconds = 90 * 24 * 60 * 60;
const kidMax = 255;

/** A new key takes over in a quarter of an hour; the present ones verify until the last booklet of theirs is used up. */
export function rotate({ sql, config }: Store): Promise<{ kid: number; signsFrom: Date }> {
  return sql.begin(async (tx) => {
    await lockKeys(tx);
    await deleteRetired(tx, retiredKeptSeconds);
    const { isSigning } = await readLatest(tx);
    const made = await make(tx, config.secret, isSigning ? leadSeconds : 0);
    await retireOthers(tx, made.kid, made.signsFrom, overlapSeconds);
    return made;
  });
}

/** Refuses every pass this key signed, from the next statement on; where no other signs, a new one does at once. */
export function revoke(
  { sql, config }: Store,
  kid: number,
): Promise<{ isRevoked: boolean; replacement: number | null }> {
  return sql.begin(async (tx) => {
    await lockKeys(tx);
    const isRevoked = await revokeKey(tx, kid);
    const { isSigning } = await readLatest(tx);
    if (isSigning) return { isRevoked, replacement: null };
    return { isRevoked, replacement: (await make(tx, config.secret, 0)).kid };
  });
}

/** The first key of a new installation. */
export async function ensureKey({ sql, config }: Store): Promise<void> {
  await sql.begin(async (tx) => {
    await lockKeys(tx);
    const { isSigning } = await readLatest(tx);
    if (!isSigning) await make(tx, config.secret, 0);
  });
}

async function make(tx: Transaction, secret: string, lead: number) {
  const { kid: latest } = await readLatest(tx);
  const kid = ((latest ?? 0) % kidMax) + 1;
  await freeKid(tx, kid);
  const curve: EcKeyGenParams = { name: 'ECDSA', namedCurve: 'P-256' };
  const pair = await crypto.subtle.generateKey(curve, true, ['sign', 'verify']);
  const publicJwk = await crypto.subtle.exportKey('jwk', pair.publicKey);
  const privateJwk = await crypto.subtle.exportKey('jwk', pair.privateKey);
  const privateCipher = await sealKey(secret, kid, privateJwk);
  return insertKey(tx, { kid, publicJwk, privateCipher }, lead);
}
