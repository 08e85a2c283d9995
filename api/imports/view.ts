import { sql } from 'drizzle-orm';
import type { Ctx } from '../context.ts';
import type { Columns, Counts, importFailures } from '../../db/schema/imports.ts';
import { partBytes } from './files.ts';
import { readHead } from './head.ts';
import { type Import, ownImport, type State } from './own.ts';

export type ImportView = {
  id: string;
  unionId: number;
  fileName: string;
  bytes: number;
  state: State;
  failure: (typeof importFailures)[number] | null;
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
  /** Before the commit: what the file calls them, what they seem to hold, and the first rows. */
  table: { header: string[]; guess: Columns; samples: string[][] } | null;
};

/** Where the columns may be chosen, also once more after a dry run. */
const choosing = new Set<State>(['uploaded', 'checked']);
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
  const table = choosing.has(one.state) ? await tableOf(c, one) : null;
  return { ...row, partBytes, parts: parts.map(({ number }) => number), table };
}

async function tableOf(c: Ctx, one: Import): Promise<ImportView['table']> {
  const head = await readHead(c.env, one);
  if (head === undefined) return null;
  const { guess, width } = head;
  const shown = (cells: readonly string[]): string[] =>
    Array.from({ length: width }, (_, i) => (cells[i] ?? '').trim().slice(0, cellMax));
  return {
    header: shown(head.header),
    guess,
    samples: head.samples.slice(0, samplesMax).map(shown),
  };
}
