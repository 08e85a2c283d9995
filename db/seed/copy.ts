import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Transaction } from '../client.ts';

export type Value = string | number | boolean | Date | null | Uint8Array | readonly Value[] | Json;
export type Json = { readonly [key: string]: unknown };
export type Row = readonly Value[];

const pieceLength = 1 << 16;

/** Writes rows with COPY. `columns` is in the rows' order; a plain object is JSON, a list an array of its elements. */
export async function copyRows(
  tx: Transaction,
  table: string,
  columns: readonly string[],
  rows: Iterable<Row>,
): Promise<void> {
  const into = await tx`copy ${tx(table)} (${tx(columns)}) from stdin`.writable();
  await pipeline(Readable.from(pieces(rows)), into);
}

function* pieces(rows: Iterable<Row>): Generator<string> {
  let piece = '';
  for (const row of rows) {
    for (let i = 0; i < row.length; i += 1) piece += (i > 0 ? '\t' : '') + field(row[i] ?? null);
    piece += '\n';
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  if (piece) yield piece;
}

function field(value: Value): string {
  if (value === null) return '\\N';
  return typeof value === 'number' ? String(value) : escape(plain(value));
}

function plain(value: Exclude<Value, null>): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (isList(value)) return `{${value.map(element).join(',')}}`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function element(value: Value): string {
  if (value === null) return 'null';
  return typeof value === 'number' ? String(value) : `"${plain(value).replace(/["\\]/g, '\\$&')}"`;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

const special = /[\\\t\n\r]/g;
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escape(text: string): string {
  return text.search(special) < 0 ? text : text.replace(special, (found) => escapes[found] ?? '');
}
