import { getTableColumns, getTableName, type InferInsertModel } from 'drizzle-orm';
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Transaction } from '../client.ts';

const pieceLength = 1 << 16;

/**
 * Writes rows with COPY, many times faster than INSERT. All rows have the properties of the first; columns it leaves out
 * take their defaults.
 */
export async function copyRows<T extends PgTable>(
  tx: Transaction,
  table: T,
  rows: readonly InferInsertModel<T>[],
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.entries(getTableColumns(table)).filter(([name]) => name in first);
  const names = columns.map(([, column]) => `"${column.name}"`).join(', ');
  const copy = `copy "${getTableName(table)}" (${names}) from stdin`;
  const into = await tx.unsafe(copy).writable();
  await pipeline(Readable.from(pieces(columns, rows)), into);
}

function* pieces(
  columns: [name: string, column: PgColumn][],
  rows: readonly Record<string, unknown>[],
): Generator<string> {
  const fields = columns.map(
    ([name, { columnType }]) => [name, columnType === 'PgJsonb' ? json : plain] as const,
  );
  let piece = '';
  for (const row of rows) {
    let line = '';
    for (const [name, write] of fields) {
      const value = row[name];
      if (line) line += '\t';
      line += value === null ? '\\N' : typeof value === 'number' ? value : escape(write(value));
    }
    piece += `${line}\n`;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  if (piece) yield piece;
}

function json(value: unknown): string {
  return JSON.stringify(value);
}

function plain(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return `{${value.map(element).join(',')}}`;
  return String(value);
}

function element(value: unknown): string {
  return `"${plain(value).replace(/["\\]/g, '\\$&')}"`;
}

const special = /[\\\t\n\r]/g;
const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function escape(text: string): string {
  return text.search(special) < 0 ? text : text.replace(special, (found) => escapes[found] ?? '');
}
