const text = new TextEncoder();

/** A key for one purpose out of the configured secret (HKDF-SHA-256): who learns one of them learns no other. */
async function derive(
  secret: string,
  purpose: string,
  algorithm: HmacKeyGenParams | AesKeyGenParams,
  usages: KeyUsage[],
): Promise<CryptoKey> {
  const material = await materialOf(secret, 'deriveKey');
  return crypto.subtle.deriveKey(derivationFor(purpose), material, algorithm, false, usages);
}

function materialOf(secret: string, usage: 'deriveKey' | 'deriveBits'): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', text.encode(secret), 'HKDF', false, [usage]);
}

function derivationFor(purpose: string): HkdfParams {
  const info = text.encode(`tongka ${purpose}`);
  return { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
}

/** The 32 bytes of an HMAC key, for where WebCrypto is not what computes it. */
export async function deriveKeyBytes(secret: string, purpose: string): Promise<Uint8Array> {
  const material = await materialOf(secret, 'deriveBits');
  return new Uint8Array(await crypto.subtle.deriveBits(derivationFor(purpose), material, 256));
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
