import { fromBase64Url, toHex, utf8 } from './bytes.ts';

/** A public key of the city as its JWKS gives it. */
export type CityKey = { kid: string; kty: string; crv: string; x: string; y: string };

const curve: EcKeyImportParams = { name: 'ECDSA', namedCurve: 'P-256' };
const es256: EcdsaParams = { name: 'ECDSA', hash: 'SHA-256' };
const signatureBytes = 64;
// Half the order of P-256's group: of a signature's two forms only the one below it is a pass's.
const half = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n >> 1n;

/** A key pair whose private half no script can read, this one included. */
export function makeKeyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(curve, false, ['sign', 'verify']);
}

export async function sign(key: CryptoKey, text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign(es256, key, utf8(text)));
}

/** Whether the key of that kid signed these bytes; null when this phone does not know the kid. */
export async function isSigned(
  keys: readonly CityKey[],
  kid: string,
  signature: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean | null> {
  const jwk = keys.find((key) => key.kid === kid);
  if (jwk === undefined) return null;
  if (signature.length !== signatureBytes) return false;
  const { kty, crv, x, y } = jwk;
  const key = await crypto.subtle.importKey('jwk', { kty, crv, x, y }, curve, false, ['verify']);
  return crypto.subtle.verify(es256, key, signature, bytes);
}

export function isLowS(signature: Uint8Array): boolean {
  return BigInt(`0x${toHex(signature.subarray(signatureBytes / 2))}`) <= half;
}

/** Header and payload of a compact JWS that one of these keys signed as this type; null for any other text. */
export async function openJws(
  keys: readonly CityKey[],
  typ: string,
  jws: string,
): Promise<unknown> {
  const [head = '', body = '', tail = '', ...more] = jws.split('.');
  const [header, payload, signature] = [head, body, tail].map(fromBase64Url);
  if (!header || !payload || !signature || more.length > 0) return null;
  try {
    const said = JSON.parse(new TextDecoder().decode(header)) as Record<string, unknown>;
    if (said['alg'] !== 'ES256' || said['typ'] !== typ || said['crit'] !== undefined) return null;
    const isOurs = await isSigned(keys, String(said['kid']), signature, utf8(`${head}.${body}`));
    return isOurs === true ? (JSON.parse(new TextDecoder().decode(payload)) as unknown) : null;
  } catch {
    return null;
  }
}
