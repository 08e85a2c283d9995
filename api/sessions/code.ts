import { deriveHmacKey } from '../derive.ts';

const text = new TextEncoder();
const range = 1_000_000;

/** Six random digits, each code as likely as any other. */
export function makeCode(): string {
  const limit = Math.floor(2 ** 32 / range) * range;
  for (;;) {
    const [number = limit] = crypto.getRandomValues(new Uint32Array(1));
    if (number < limit) return String(number % range).padStart(6, '0');
  }
}

/** What is stored of a code: worth nothing without the secret, nor for another phone. */
export function codeHash(secret: string, phoneHash: string, code: string): Promise<string> {
  return keyedHash(secret, 'one-time code', `${phoneHash} ${code}`);
}

/** An address in a limit's key. IPv6 counts by its /64, which one caller has to himself. */
export function addressHash(secret: string, address: string | undefined): Promise<string> {
  return keyedHash(secret, 'caller address', network(address ?? ''));
}

async function keyedHash(secret: string, purpose: string, value: string): Promise<string> {
  const key = await deriveHmacKey(secret, purpose);
  const hash = new Uint8Array(await crypto.subtle.sign('HMAC', key, text.encode(value)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function network(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  if (mapped !== undefined) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length);
  return [...groups, ...Array<string>(zeros).fill('0'), ...rest]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':');
}
