import { deriveSealingKey } from '../derive.ts';
import type { Sql } from '../../db/client.ts';

/** Every part but the last has this many bytes; what a request may bring. */
export const partBytes = 256 * 1024;
export const fileBytesMax = 256 * 1024 * 1024;

const nonceBytes = 12;

export type Parts = { sql: Sql; secret: string; importId: string };

const keyFor = (secret: string) => deriveSealingKey(secret, 'import part');

export async function sealPart(
  secret: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
  const cipher = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await keyFor(secret), bytes);
  const sealed = new Uint8Array(nonceBytes + cipher.byteLength);
  sealed.set(iv);
  sealed.set(new Uint8Array(cipher), nonceBytes);
  return sealed;
}

/** The file from this byte on, up to the end of the part after the next: one part's worth at least, or all there is. */
export async function readFrom(
  { sql, secret, importId }: Parts,
  position: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const first = Math.floor(position / partBytes);
  const rows = await sql<{ cipher: Uint8Array }[]>`
    select cipher from member_import_part
    where import_id = ${importId} and number between ${first} and ${first + 1} order by number`;
  const key = await keyFor(secret);
  const pieces: Uint8Array[] = [];
  for (const { cipher } of rows) {
    const iv = new Uint8Array(cipher.subarray(0, nonceBytes));
    const body = new Uint8Array(cipher.subarray(nonceBytes));
    pieces.push(new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, body)));
  }
  return join(pieces).subarray(position - first * partBytes);
}

export function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

/** Of the whole file: SHA-256 over the SHA-256 of its parts in their order, so that nobody reads it twice. */
export function digestOfParts(digests: readonly string[]): Promise<string> {
  return digestOf(
    Uint8Array.from(
      digests.flatMap((one) => (one.match(/../g) ?? []).map((byte) => parseInt(byte, 16))),
    ),
  );
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
