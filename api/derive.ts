const text = new TextEncoder();

/** A key for one purpose out of the configured secret (HKDF-SHA-256): who learns one of them learns no other. */
async function derive(
  secret: string,
  purpose: string,
  algorithm: HmacKeyGenParams | AesKeyGenParams,
  usages: KeyUsage[],
): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', text.encode(secret), 'HKDF', false, [
    'deriveKey',
  ]);
  const derivation: HkdfParams = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: text.encode(`tongka ${purpose}`),
  };
  return crypto.subtle.deriveKey(derivation, material, algorithm, false, usages);
}

export function deriveHmacKey(secret: string, purpose: string): Promise<CryptoKey> {
  return derive(secret, purpose, { name: 'HMAC', hash: 'SHA-256', length: 256 }, [
    'sign',
    'verify',
  ]);
}

export function deriveSealingKey(secret: string, purpose: string): Promise<CryptoKey> {
  return derive(secret, purpose, { name: 'AES-GCM', length: 256 }, ['encrypt', 'decrypt']);
}
