import type { Services } from '../context.ts';
import { readFrom } from './files.ts';
import type { Import } from './own.ts';
import { type Head, headOf, readRecords } from './table.ts';

/** How the file of an import begins, with its first rows; undefined before all of it is there, and when it is gone. */
export async function readHead(
  { sql, config }: Pick<Services, 'sql' | 'config'>,
  { id, bytes, encoding, delimiter }: Import,
): Promise<(Head & { samples: string[][] }) | undefined> {
  if (encoding === null || delimiter === null) return undefined;
  const start = await readFrom({ sql, secret: config.secret, importId: id }, 0);
  if (start.length === 0) return undefined;
  const { records } = readRecords(start, { encoding, delimiter }, start.length >= bytes);
  const head = headOf(records);
  return { ...head, samples: records.slice(head.rows) };
}
