import { readFile } from 'node:fs/promises';
import Papa from 'papaparse';
import { orm } from '../../db/client.ts';
import { StartError } from '../../db/start-error.ts';
import { importRoster } from '../members/import.ts';
import { type Complaint, missingColumns, readRoster } from '../members/roster.ts';
import { print } from './step.ts';
import { withDatabase } from './with-database.ts';

const usage = 'npm run members import FILE.csv';
const shownMax = 20;

/** `npm run members import FILE.csv`: a first roster. One wrong row, and nothing is taken in. */
export async function members([verb, path, ...rest]: string[]): Promise<void> {
  if (verb !== 'import' || path === undefined || rest.length > 0) throw new StartError(usage);
  const text = decode(await readFile(path).catch(() => missing(path)));
  const { data, meta } = Papa.parse<Record<string, string>>(text, { header: true });
  const lacking = missingColumns(meta.fields ?? []);
  if (lacking.length > 0) throw new StartError(`${path} has no column ${lacking.join(', ')}.`);
  const { rows, complaints } = readRoster(data);
  if (complaints.length > 0) throw refused(complaints);
  await withDatabase(async ({ sql, config }) => {
    const result = await importRoster(orm(sql), config.secret, rows);
    if (Array.isArray(result)) throw refused(result);
    const { members: made, known, enterprises } = result;
    print(`${made} new members, ${known} already known, ${enterprises} new enterprise unions.`);
  });
}

function missing(path: string): never {
  throw new StartError(`There is no file ${path} that can be read.`);
}

/** UTF-8 with or without a mark, else what spreadsheets in China write. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

function refused(complaints: Complaint[]): StartError {
  const lines = complaints
    .slice(0, shownMax)
    .map(({ row, column, wish }) => `  row ${row}, ${column}: ${wish}`);
  const more = complaints.length - lines.length;
  const rest = more > 0 ? `\n  and ${more} more` : '';
  return new StartError(`Nothing was taken in:\n${lines.join('\n')}${rest}`);
}
