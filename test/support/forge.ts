import { createPrivateKey, sign as nodeSign, type KeyObject } from 'node:crypto';
import { packPass, type Claims } from '../../api/passes/pack.ts';

export const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** An attacker's hand: any header and payload, signed with any key. */
export function forgeJws(
  header: unknown,
  payload: unknown,
  sign: (input: string) => Uint8Array,
): string {
  const input = [header, payload].map(part).join('.');
  return `${input}.${Buffer.from(sign(input)).toString('base64url')}`;
}

/** Text stands as it is written, so that a key may come twice. */
function part(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString(
    'base64url',
  );
}

export function es256(key: KeyObject, input: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(nodeSign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }));
}

/** The same signature with its low or its high s. */
export function withS(
  signature: Uint8Array<ArrayBuffer>,
  wanted: 'low' | 'high',
): Uint8Array<ArrayBuffer> {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString('hex')}`);
  if (s > order / 2n === (wanted === 'high')) return signature;
  const other = new Uint8Array(signature);
  other.set(Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex'), 32);
  return other;
}

/** A pass as its token, with the genuine template of `issuer` and this key's signature. */
export function forgeToken(issuer: string, claims: Claims, privateJwk: JsonWebKey): string {
  const key = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' });
  const header = { alg: 'ES256', kid: String(claims.kid), typ: 'tongka-pass+jws' };
  const { card, jti, exp } = claims;
  const payload = { iss: issuer, card: String(card), jti: String(jti), exp };
  const signature = withS(es256(key, [header, payload].map(part).join('.')), 'low');
  return packPass({ ...claims, signature });
}
