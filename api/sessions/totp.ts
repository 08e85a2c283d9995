const stepSeconds = 30;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** 160 random bits in base32, as authenticator apps take them. */
export function makeSecret(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(32)), (byte) => alphabet[byte & 31]).join(
    '',
  );
}

export function stepAt(epochSeconds: number): number {
  return Math.floor(epochSeconds / stepSeconds);
}

/** RFC 6238 with what every authenticator app has as its default: SHA-1, 30 seconds, six digits. */
export async function totp(secret: string, step: number): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-1' };
  const key = await crypto.subtle.importKey('raw', fromBase32(secret), algorithm, false, ['sign']);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = new DataView(await crypto.subtle.sign('HMAC', key, counter));
  const number = mac.getUint32(mac.getUint8(19) & 15) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** The step whose code this is: the present one or a neighbour, for a clock that is a little off; null for none. */
export async function findStep(secret: string, code: string, now: number): Promise<number | null> {
  for (const step of [now, now - 1, now + 1]) {
    if ((await totp(secret, step)) === code) return step;
  }
  return null;
}

/** What an authenticator app reads from a QR. */
export function totpUri(secret: string, account: string): string {
  return `otpauth://totp/Tongka:${encodeURIComponent(account)}?secret=${secret}&issuer=Tongka`;
}

function fromBase32(secret: string): Uint8Array<ArrayBuffer> {
  const bits = Array.from(secret, (letter) =>
    alphabet.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => parseInt(byte, 2));
}
