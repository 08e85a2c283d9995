import { deriveHmacKey, deriveSealingKey } from '../derive.ts';

/**
 * Phone numbers and numbers of ID cards at rest (decision 15): a keyed hash to look one up by, and an AES-GCM value to
 * read it by, each under a key of its own. Phone numbers are E.164 (+8613800138000), numbers of ID cards the 18
 * characters of GB 11643 with X in upper case.
 */
const text = new TextEncoder();
const nonceBytes = 12;

/** What the keys are derived for; who seals in bulk with another engine derives the same ones. */
export const purposes = {
  phoneHash: 'phone hash',
  phoneSeal: 'phone seal',
  idHash: 'id number hash',
  idSeal: 'id number seal',
} as const;

/** HMAC-SHA-256, 64 hex digits. */
export const phoneHash = (secret: string, e164: string): Promise<string> =>
  hash(secret, purposes.phoneHash, e164);

/** A random nonce of 12 bytes, then cipher text and tag. */
export const sealPhone = (secret: string, e164: string): Promise<Uint8Array> =>
  seal(secret, purposes.phoneSeal, e164);

/** The number that was sealed; throws when the secret is another one or a bit has changed. */
export const openPhone = (secret: string, sealed: Uint8Array): Promise<string> =>
  open(secret, purposes.phoneSeal, sealed);

/** HMAC-SHA-256, 64 hex digits. */
export const idHash = (secret: string, number: string): Promise<string> =>
  hash(secret, purposes.idHash, number);

/** A random nonce of 12 bytes, then cipher text and tag. */
export const sealId = (secret: string, number: string): Promise<Uint8Array> =>
  seal(secret, purposes.idSeal, number);

/** The number that was sealed; throws when the secret is another one or a bit has changed. */
export const openId = (secret: string, sealed: Uint8Array): Promise<string> =>
  open(secret, purposes.idSeal, sealed);

async function hash(secret: string, purpose: string, value: string): Promise<string> {
  const key = await deriveHmacKey(secret, purpose);
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, text.encode(value)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function seal(secret: string, purpose: string, value: string): Promise<Uint8Array> {
  const key = await deriveSealingKey(secret, purpose);
  const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const cipher = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text.encode(value));
  const sealed = new Uint8Array(nonceBytes + cipher.byteLength);
  sealed.set(iv);
  sealed.set(new Uint8Array(cipher), nonceBytes);
  return sealed;
}

async function open(secret: string, purpose: string, sealed: Uint8Array): Promise<string> {
  const key = await deriveSealingKey(secret, purpose);
  const iv = new Uint8Array(sealed.subarray(0, nonceBytes));
  const cipher = new Uint8Array(sealed.subarray(nonceBytes));
  const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, cipher);
  return new TextDecoder().decode(plain);
}
