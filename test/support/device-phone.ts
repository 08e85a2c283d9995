import type { DeviceKey } from '../../db/schema/devices.ts';

/** What an operator's phone writes down of one scan, in this order of keys. */
export type Scan = {
  id: string;
  pass: string;
  benefit: number;
  quantity: number;
  lease: number;
  scannedAt: string;
  clockOffsetMs: number;
  listAt: string | null;
  user: string;
};

/** A link of the chain: the exact text of one scan, and the hash over everything up to it. */
export type Entry = { seq: number; prev: string; hash: string; body: string };

export type Upload = { from: number; prev: string; items: string[]; signature: string };

const firstHash = '0'.repeat(64);
const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const utf8 = new TextEncoder();

/** An operator's phone without a network: a key that never leaves it, and the chain of what it scanned. */
export class DevicePhone {
  /** Given by the pairing. */
  id = 0;
  readonly publicKey: DeviceKey;
  readonly entries: Entry[] = [];
  readonly #key: CryptoKey;

  private constructor(key: CryptoKey, publicKey: DeviceKey) {
    this.#key = key;
    this.publicKey = publicKey;
  }

  static async make(): Promise<DevicePhone> {
    const pair = await crypto.subtle.generateKey(ecdsa, false, ['sign', 'verify']);
    const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', pair.publicKey);
    return new DevicePhone(pair.privateKey, { kty: 'EC', crv: 'P-256', x, y });
  }

  /** Writes down a scan, or any other text, as the next of the chain. */
  async write(scan: Scan | string): Promise<Entry> {
    const entry = await link(this.entries.at(-1), typeof scan === 'string' ? scan : bodyOf(scan));
    this.entries.push(entry);
    return entry;
  }

  /** A phone put back to what it was after `seq`: what it writes from now on is a second chain. */
  forget(seq: number): void {
    this.entries.splice(seq);
  }

  /** One upload of what it holds. */
  upload(from = 1, count = this.entries.length - from + 1): Promise<Upload> {
    return this.sign(this.entries.slice(from - 1, from - 1 + count));
  }

  /** All that it holds, in uploads of at most `size`. */
  uploads(size: number): Promise<Upload[]> {
    const starts = Array.from(
      { length: Math.ceil(this.entries.length / size) },
      (_, i) => i * size,
    );
    return Promise.all(starts.map((start) => this.sign(this.entries.slice(start, start + size))));
  }

  /** Signs these entries as one upload, whatever they are. */
  async sign(entries: Entry[]): Promise<Upload> {
    const { seq: from = 1, prev = firstHash } = entries[0] ?? {};
    const last = entries.at(-1)?.hash ?? prev;
    const text = ['tongka-upload', this.id, from, entries.length, prev, last].join('\n');
    const signature = await crypto.subtle.sign(ecdsa, this.#key, utf8.encode(text));
    return {
      from,
      prev,
      items: entries.map(({ body }) => body),
      signature: Buffer.from(signature).toString('base64url'),
    };
  }
}

/** The text that is stored, hashed and uploaded: these keys in this order. */
export function bodyOf(scan: Scan): string {
  const { id, pass, benefit, quantity, lease, scannedAt, clockOffsetMs, listAt, user } = scan;
  const ordered = { id, pass, benefit, quantity, lease, scannedAt, clockOffsetMs, listAt, user };
  return JSON.stringify(ordered);
}

/** The entry that follows another, or begins a chain. */
export async function link(last: Entry | undefined, body: string): Promise<Entry> {
  const { seq, hash: prev } = last ?? { seq: 0, hash: firstHash };
  const digest = await crypto.subtle.digest('SHA-256', utf8.encode(`${prev}\n${body}`));
  return { seq: seq + 1, prev, hash: Buffer.from(digest).toString('hex'), body };
}
