import { deriveSealingKey } from '../derive.ts';

const purpose = 'signing keys';
const nonceBytes = 12;

/** A private key at rest: AES-GCM under the secret, bound to its kid; 12 bytes of nonce come first. */
export async function sealKey(
  secret: string,
  kid: number,
  jwk: JsonWebKey,
): Promise<Uint8Array<ArrayBuffer>> {
  const nonce = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const cipher = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv: nonce, additionalData: Uint8Array.of(kid) },
    await deriveSealingKey(secret, purpose),
    new TextEncoder().encode(JSON.stringify(jwk)),
  );
  const sealed = new Uint8Array(nonceBytes + cipher.byteLength);
  sealed.set(nonce);
  sealed.set(new Uint8Array(cipher), nonceBytes);
  return sealed;
}

/** The private JWK; throws when the secret is another one, or the row was altered or swapped. */
export async function openKey(
  secret: string,
  kid: number,
  sealed: Uint8Array,
): Promise<JsonWebKey> {
  const bytes = new Uint8Array(sealed);
  const plain = await crypto.subtle.decrypt(
    {
      name: 'AES-GCM',
      iv: bytes.subarray(0, nonceBytes),
      additionalData: Uint8Array.of(kid),
    },
    await deriveSealingKey(secret, purpose),
    bytes.subarray(nonceBytes),
  );
  return JSON.parse(new TextDecoder().decode(plain)) as JsonWebKey;
}
