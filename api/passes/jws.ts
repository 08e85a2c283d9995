import { base64url, compactVerify, decodeProtectedHeader } from 'jose';
import * as z from 'zod';
import type { Claims } from './pack.ts';
import { isLowS } from './signature.ts';

const typ = 'tongka-pass+jws';
const jwsLengthMax = 1024;

/** The one template of a pass: header and payload of its JWS, byte for byte. */
export function signingInput(issuer: string, { kid, card, jti, exp }: Claims): string {
  const header = { alg: 'ES256', kid: String(kid), typ };
  const payload = { iss: issuer, card: String(card), jti: String(jti), exp };
  return [header, payload].map((part) => base64url.encode(JSON.stringify(part))).join('.');
}

export function toJws(issuer: string, claims: Claims, signature: Uint8Array): string {
  return `${signingInput(issuer, claims)}.${base64url.encode(signature)}`;
}

const number40 = z
  .string()
  .regex(/^(0|[1-9][0-9]{0,12})$/)
  .transform(Number)
  .refine((value) => value < 2 ** 40);
const payloadShape = z.strictObject({
  iss: z.string(),
  card: number40,
  jti: number40,
  exp: z.int().min(0).max(0xffffffff),
});

/**
 * The claims of a genuine pass of this issuer, or null. Only our own keys, only ES256, only a low s, only the bytes that
 * the template gives: a header that names another key or algorithm, or a payload said differently, is refused. Times are
 * not judged here: only the database's clock counts.
 */
export async function checkJws(
  jws: string,
  issuer: string,
  keyOf: (kid: number) => Promise<CryptoKey | null>,
): Promise<Claims | null> {
  const kid = jws.length > jwsLengthMax ? null : kidOf(jws);
  const key = kid === null ? null : await keyOf(kid);
  if (kid === null || key === null) return null;
  try {
    const { payload } = await compactVerify(jws, key, { algorithms: ['ES256'] });
    const { iss, ...said } = payloadShape.parse(JSON.parse(new TextDecoder().decode(payload)));
    const claims = { kid, ...said };
    const signature = base64url.decode(jws.slice(jws.lastIndexOf('.') + 1));
    const isOurs = iss === issuer && jws === toJws(issuer, claims, signature);
    return isOurs && isLowS(signature) ? claims : null;
  } catch {
    return null;
  }
}

function kidOf(jws: string): number | null {
  try {
    const { kid } = decodeProtectedHeader(jws);
    return typeof kid === 'string' && /^[1-9][0-9]{0,2}$/.test(kid) ? Number(kid) : null;
  } catch {
    return null;
  }
}
