import { read40, write40 } from './pack.ts';
import { minuteOf } from './times.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const codeLength = 16;
const codeBytes = 10;
const minutesAround = 10;

/** The pass's id: 40 bits of HMAC over card and minute. Its QR and its short code share it, so only one of them works. */
export async function jtiOf(key: CryptoKey, card: number, minute: number): Promise<number> {
  const input = new Uint8Array(9);
  write40(input, 0, card);
  new DataView(input.buffer).setUint32(5, minute);
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, input));
  return read40(mac, 0);
}

/** Card and id in Crockford's base32, in groups of four: `7ZZ0-1XAB-…`. */
export function toShortCode(card: number, jti: number): string {
  const bytes = new Uint8Array(codeBytes);
  write40(bytes, 0, card);
  write40(bytes, 5, jti);
  let value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let code = '';
  for (let i = 0; i < codeLength; i++, value >>= 5n) {
    const group = i > 0 && i % 4 === 0 ? '-' : '';
    code = alphabet.charAt(Number(value & 31n)) + group + code;
  }
  return code;
}

/** As a person types it: any case, spaces or hyphens anywhere, O for 0, I and L for 1. */
export function fromShortCode(typed: string): { card: number; jti: number } | null {
  const code = typed.replace(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
  if (code.length !== codeLength) return null;
  let value = 0n;
  for (const character of code) {
    const digit = alphabet.indexOf(character);
    if (digit < 0) return null;
    value = (value << 5n) | BigInt(digit);
  }
  return { card: Number(value >> 40n), jti: Number(value & 0xffffffffffn) };
}

/**
 * The minute a code belongs to, out of those near the given clock; null for a wrong code. It looks further than a pass
 * lives, because a code of ten minutes ago is expired, and one of a phone whose clock is ahead not yet valid: not wrong.
 */
export async function minuteOfCode(
  key: CryptoKey,
  { card, jti }: { card: number; jti: number },
  epochSeconds: number,
): Promise<number | null> {
  const now = minuteOf(epochSeconds);
  for (let distance = 0; distance <= minutesAround; distance++)
    for (const minute of distance === 0 ? [now] : [now - distance, now + distance])
      if ((await jtiOf(key, card, minute)) === jti) return minute;
  return null;
}
