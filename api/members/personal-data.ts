/**
 * Phone numbers at rest (decision 15): a keyed hash to look one up by, and an AES-GCM value to read it by. Both keys come
 * from the configured secret, each under its own name, so that neither tells the other. Numbers are E.164 (+8613800138000).
 */
const text = new TextEncoder();

export async function phoneHash(secret: string, e164: string): Promise<string> {
  const material = await keyMaterial(secret);
  const key = await crypto.subtle.deriveKey(
    derivation('phone hash'),
    material,
    { name: 'HMAC', hash: 'SHA-256', length: 256 },
    false,
    ['sign'],
  );
  const hash = new Uint8Array(await crypto.subtle.sign('HMAC', key, text.encode(e164)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** 12 bytes of random nonce, then cipher text and tag. */
export async function sealPhone(secret: string, e164: string): Promise<Uint8Array> {
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const key = await sealingKey(secret);
  const cipher = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: nonce },
    key,
    text.encode(e164),
  );
  const sealed = new Uint8Array(nonce.length + cipher.byteLength);
  sealed.set(nonce);
  sealed.set(new Uint8Array(cipher), nonce.length);
  return sealed;
}

/** The number that was sealed; throws when the secret is another one or a bit has changed. */
export async function openPhone(secret: string, sealed: Uint8Array): Promise<string> {
  const bytes = new Uint8Array(sealed);
  const key = await sealingKey(secret);
  const plain = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv: bytes.subarray(0, 12) },
    key,
    bytes.subarray(12),
  );
  return new TextDecoder().decode(plain);
}

async function sealingKey(secret: string): Promise<CryptoKey> {
  const material = await keyMaterial(secret);
  return crypto.subtle.deriveKey(
    derivation('phone seal'),
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

function keyMaterial(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', text.encode(secret), 'HKDF', false, ['deriveKey']);
}

function derivation(name: string): HkdfParams {
  return {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: text.encode(`tongka ${name}`),
  };
}
