import { deriveHmacKey, deriveSealingKey } from '../derive.ts';

/**
 * Phone numbers at rest (decision 15): a keyed hash to look one up by, and an AES-GCM value to read it by. Numbers are
 * E.164 (+8613800138000).
 */
const text = new TextEncoder();
const nonceBytes = 12;

/** HMAC-SHA-256, 64 hex digits. */
export async function phoneHash(secret: string, e164: string): Promise<string> {
  const key = await deriveHmacKey(secret, 'phone hash');
  const hash = new Uint8Array(await crypto.subtle.sign('HMAC', key, text.encode(e164)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A random nonce of 12 bytes, then cipher text and tag. */
export async function sealPhone(secret: string, e164: string): Promise<Uint8Array> {
  const key = await deriveSealingKey(secret, 'phone seal');
  const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const cipher = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text.encode(e164));
  const sealed = new Uint8Array(nonceBytes + cipher.byteLength);
  sealed.set(iv);
  sealed.set(new Uint8Array(cipher), nonceBytes);
  return sealed;
}

/** The number that was sealed; throws when the secret is another one or a bit has changed. */
export async function openPhone(secret: string, sealed: Uint8Array): Promise<string> {
  const key = await deriveSealingKey(secret, 'phone seal');
  const iv = new Uint8Array(sealed.subarray(0, nonceBytes));
  const cipher = new Uint8Array(sealed.subarray(nonceBytes));
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, cipher);
  return new TextDecoder().decode(plain);
}
