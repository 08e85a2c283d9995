import Papa from 'papaparse';
import { type Columns } from '../../db/schema/imports.ts';
import { guessColumns } from './columns.ts';
import { lastRecordEnd, markBytes } from './records.ts';

const delimiters = [',', ';', '\t'];
const recordBytesMax = 64 * 1024;

/** The header is among the first rows: what stands above it, a title or a date, is no table yet. */
export const headRowsMax = 10;

export type Encoding = 'utf-8' | 'gb18030';
export type Format = { encoding: Encoding; delimiter: string };

/** How a table begins: `rows` up to and with its header, and how many columns it has. */
export type Head = { rows: number; width: number; header: string[]; guess: Columns };

/** A file that is no table, or not one that can be read: `file_unreadable`. */
export class Unreadable extends Error {}

/**
 * The whole records at the beginning of these bytes, and how many bytes they are. Where the file goes on behind them,
 * an unfinished record is left for the next time. A quote that never ends would swallow all rows behind it.
 */
export function readRecords(
  bytes: Uint8Array,
  { encoding, delimiter }: Format,
  isEnd: boolean,
): { records: string[][]; bytes: number } {
  const end = isEnd ? bytes.length : lastRecordEnd(bytes, delimiter);
  if (end === 0 && bytes.length > recordBytesMax) throw new Unreadable();
  const { data: records, errors } = Papa.parse<string[]>(decode(bytes.subarray(0, end), encoding), {
    delimiter,
  });
  if (errors.some(({ code }) => code === 'MissingQuotes')) throw new Unreadable();
  // The line end of the last record makes Papa see one more, which is empty.
  const last = records.at(-1);
  if (last?.length === 1 && last[0] === '') records.pop();
  return { records, bytes: end };
}

function decode(bytes: Uint8Array, encoding: Encoding): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new Unreadable();
  }
}

/** The head of a table by its first records: the first row with titles that are known, else the first of two columns. */
export function headOf(records: readonly string[][]): Head {
  const first = records.slice(0, headRowsMax);
  const filled = (cells: readonly string[]) => cells.filter((cell) => cell.trim() !== '').length;
  const guesses = first.map((cells) => guessColumns(cells));
  const known = guesses.findIndex((guess) => Object.keys(guess).length > 1);
  const at = known >= 0 ? known : first.findIndex((cells) => filled(cells) > 1);
  const header = first[at];
  if (header === undefined) throw new Unreadable();
  const width = Math.max(...first.map(({ length }) => length));
  return { rows: at + 1, width, header, guess: guesses[at] ?? {} };
}

/** What separates the columns: of the three, what the first line that has one of them has most of. */
export function guessDelimiter(bytes: Uint8Array): string {
  const start = bytes.subarray(markBytes(bytes), recordBytesMax);
  for (let from = 0, lines = 0; from < start.length && lines < headRowsMax; lines++) {
    const lineEnd = start.subarray(from).findIndex((byte) => byte === 0x0a || byte === 0x0d);
    const line = lineEnd < 0 ? start.subarray(from) : start.subarray(from, from + lineEnd);
    const counts = delimiters.map((delimiter) =>
      line.reduce((sum, byte) => sum + (byte === delimiter.charCodeAt(0) ? 1 : 0), 0),
    );
    const most = Math.max(...counts);
    if (most > 0) return delimiters[counts.indexOf(most)] ?? ',';
    from += line.length + 1;
  }
  return ',';
}
