import { sql } from 'drizzle-orm';
import type { Ctx } from '../context.ts';
import type { Columns, Counts } from '../../db/schema/imports.ts';
import { guessColumns } from './columns.ts';
import { partBytes, readFrom } from './files.ts';
import { ownImport, type State } from './own.ts';
import { readRecords } from './table.ts';

export type ImportView = {
  id: string;
  unionId: number;
  fileName: string;
  bytes: number;
  state: State;
  failure: string | null;
  isComplete: boolean;
  columns: Columns | null;
  counts: Counts;
  /** Of the step under way, between 0 and 1. */
  progress: number;
  createdAt: Date;
  doneAt: Date | null;
  undoUntil: Date | null;
  partBytes: number;
  /** While it is uploading: the parts that are here. */
  parts: number[];
  /** While the columns are chosen: what the file calls them, what they seem to hold, and the first rows. */
  table: { header: string[]; guess: Columns; samples: string[][] } | null;
};

const samplesMax = 5;
const cellMax = 60;

/** An import and how far it is; asked again and again while one waits for it. */
export async function viewImport(c: Ctx, id: string): Promise<ImportView> {
  const one = await ownImport(c, c.env.db, id);
  const [row] = await c.env.db.execute<Omit<ImportView, 'parts' | 'table' | 'partBytes'>>(sql`
    select id, union_id as "unionId", file_name as "fileName", bytes, state, failure,
      is_complete as "isComplete", columns, counts, created_at as "createdAt", done_at as "doneAt",
      done_at + interval '24 hours' as "undoUntil",
      case
        when state = 'checking' then least(position::float8 / bytes, 0.99)
        when state in ('committing', 'undoing') then least(written::float8 / greatest(row, 1), 0.99)
        when state in ('uploading', 'uploaded') then 0
        else 1
      end as progress
    from member_import where id = ${id}`);
  if (!row) throw new Error('An import that was there is gone.');
  const isUploading = one.state === 'uploading';
  const parts = isUploading
    ? await c.env.db.execute<{ number: number }>(sql`
        select number from member_import_part where import_id = ${id} order by number`)
    : [];
  const table = one.state === 'uploaded' ? await head(c, one) : null;
  return { ...row, partBytes, parts: parts.map(({ number }) => number), table };
}

async function head(
  c: Ctx,
  { id, bytes, encoding, delimiter }: Awaited<ReturnType<typeof ownImport>>,
): Promise<ImportView['table']> {
  if (encoding === null || delimiter === null) return null;
  const start = await readFrom({ sql: c.env.sql, secret: c.env.config.secret, importId: id }, 0);
  const { records } = readRecords(start, { encoding, delimiter }, start.length >= bytes);
  const [header = [], ...rows] = records.map((cells) =>
    cells.map((cell) => cell.trim().slice(0, cellMax)),
  );
  return { header, guess: guessColumns(header), samples: rows.slice(0, samplesMax) };
}
