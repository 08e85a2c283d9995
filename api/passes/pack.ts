import { fromBase32, toBase32 } from './base32.ts';

/** What a pass says: which key signed it, which card shows it, its own 40-bit id, and its last second (epoch). */
export type Claims = { kid: number; card: number; jti: number; exp: number };
export type Pass = Claims & { signature: Uint8Array<ArrayBuffer> };

/** kid 1, card 5, jti 5, exp 4, signature 64 bytes. */
const passBytes = 79;
export const tokenLength = 127;
const at = { kid: 0, card: 1, jti: 6, exp: 11, signature: 15 };

/** The compact form of a pass that a QR carries. */
export function packPass(pass: Pass): string {
  const bytes = new Uint8Array(passBytes);
  bytes[at.kid] = pass.kid;
  write40(bytes, at.card, pass.card);
  write40(bytes, at.jti, pass.jti);
  new DataView(bytes.buffer).setUint32(at.exp, pass.exp);
  bytes.set(pass.signature, at.signature);
  return toBase32(bytes);
}

/** Null when the text is not exactly what `packPass` writes, but for its case. */
export function unpackPass(token: string): Pass | null {
  if (token.length !== tokenLength) return null;
  const bytes = fromBase32(token);
  if (bytes === null) return null;
  return {
    kid: bytes[at.kid] ?? 0,
    card: read40(bytes, at.card),
    jti: read40(bytes, at.jti),
    exp: new DataView(bytes.buffer).getUint32(at.exp),
    signature: bytes.slice(at.signature),
  };
}

/** Numbers of 40 bits are beyond JavaScript's bit operations and within its integers. */
export function write40(bytes: Uint8Array<ArrayBuffer>, offset: number, value: number): void {
  const view = new DataView(bytes.buffer);
  view.setUint8(offset, Math.floor(value / 2 ** 32));
  view.setUint32(offset + 1, value % 2 ** 32);
}

export function read40(bytes: Uint8Array<ArrayBuffer>, offset: number): number {
  const view = new DataView(bytes.buffer);
  return view.getUint8(offset) * 2 ** 32 + view.getUint32(offset + 1);
}
