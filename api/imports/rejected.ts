import { sql } from 'drizzle-orm';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import type { RowProblem } from '../../db/schema/imports.ts';
import { partBytes, readFrom } from './files.ts';
import { csv, streamOf } from './file-pages.ts';
import { readHead } from './head.ts';
import { type Import, ownImport } from './own.ts';
import { readRecords } from './table.ts';
import { type Language, problemWords, rowWords } from './words.ts';

export type RejectedRow = { row: number; problem: RowProblem };

/** The rejected rows by number, a page at a time. */
export async function listRejected(
  c: Ctx,
  id: string,
  after: number,
  limit: number,
): Promise<{ rejected: RejectedRow[]; next: number | null }> {
  await ownImport(c, c.env.db, id);
  const rows = await c.env.db.execute<RejectedRow>(sql`
    select row, problem from member_import_row
    where import_id = ${id} and row > ${after} and verdict = 'rejected' order by row limit ${limit + 1}`);
  const rejected = rows.slice(0, limit);
  return { rejected, next: rows.length > limit ? (rejected.at(-1)?.row ?? null) : null };
}

/**
 * The rejected rows as they stood in the file, with their reasons, as CSV with a byte order mark: to be put right and sent
 * again. Read from the file anew, a part at a time, only as fast as it is sent.
 */
export async function exportRejected(
  c: Ctx,
  id: string,
  language: Language,
): Promise<ReadableStream<Uint8Array>> {
  const one = await ownImport(c, c.env.db, id);
  if (one.encoding === null) throw new Problem('import_at_another_step', { state: one.state });
  return streamOf(pagesOf(c, one, language));
}

async function* pagesOf(c: Ctx, one: Import, language: Language): AsyncGenerator<string, void> {
  const { encoding, delimiter } = one;
  if (encoding === null || delimiter === null) return;
  const head = await readHead(c.env, one);
  if (head === undefined) return;
  const whole = (cells: readonly string[]): string[] =>
    Array.from({ length: Math.max(head.width, cells.length) }, (_, i) => cells[i] ?? '');
  const file = { sql: c.env.sql, secret: c.env.config.secret, importId: one.id };
  let row = 0;
  for (let position = 0; position < one.bytes;) {
    const bytes = await readFrom(file, position);
    const isEnd = position + bytes.length >= one.bytes;
    const piece = isEnd ? bytes : bytes.subarray(0, partBytes);
    const { records, bytes: read } = readRecords(piece, { encoding, delimiter }, isEnd);
    if (read === 0) return;
    const { rejected } = await listRejected(c, one.id, row, records.length + 1);
    const problems = new Map(rejected.map((found) => [found.row, found.problem]));
    const lines: (string | number)[][] = [];
    for (const [i, cells] of records.entries()) {
      const number = row + i + 1;
      const problem = problems.get(number);
      if (number === head.rows) lines.push([...whole(cells), ...rowWords[language]]);
      else if (problem) lines.push([...whole(cells), number, problemWords[language][problem]]);
    }
    const text = lines.length === 0 ? '' : csv(lines);
    if (row === 0) yield `\uFEFF${text}`;
    else if (text !== '') yield text;
    row += records.length;
    position += read;
  }
}
