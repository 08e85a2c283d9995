import { toHex, utf8 } from './bytes.ts';

/** What the phone says about one offline scan; the keys stay in this order, because their text is what is hashed. */
export type Saying = {
  id: string;
  /** The QR's content as it was scanned. */
  pass: string;
  benefit: number;
  quantity: number;
  lease: number;
  scannedAt: string;
  /** What was added to the phone's own clock. */
  clockOffsetMs: number;
  listAt: string | null;
  user: string;
};

/** The hash before the first scan of a phone. */
export const origin = '0'.repeat(64);

export function bodyOf(saying: Saying): string {
  const { id, pass, benefit, quantity, lease, scannedAt, clockOffsetMs, listAt, user } = saying;
  return JSON.stringify({
    ...{ id, pass, benefit, quantity, lease, scannedAt, clockOffsetMs, listAt, user },
  });
}

/** Ties a scan to all before it: none can be taken out or changed unseen. */
export async function hashOf(prev: string, body: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', utf8(`${prev}\n${body}`));
  return toHex(new Uint8Array(digest));
}

export type Batch = { device: number; from: number; count: number; prev: string; last: string };

/** What the phone signs when it uploads. */
export function uploadText({ device, from, count, prev, last }: Batch): string {
  return ['tongka-upload', device, from, count, prev, last].join('\n');
}
