import type { Services } from '../context.ts';
import { ensureKey } from './rotate.ts';

/** The key that signs in this minute; a new installation gets its first one here. */
export async function currentSigner(
  services: Services,
  minute: number,
): Promise<{ kid: number; key: CryptoKey }> {
  const { keys, sql } = services;
  const signer = await keys.signer(sql, minute);
  if (signer !== null) return signer;
  await ensureKey(services);
  keys.forget();
  const made = await keys.signer(sql, minute);
  if (made === null) throw new Error(`No key signs in minute ${minute}.`);
  return made;
}
