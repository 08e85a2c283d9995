import Papa from 'papaparse';
import { lastRecordEnd, markBytes } from './records.ts';

const delimiters = [',', ';', '\t'];
const recordBytesMax = 64 * 1024;

export type Encoding = 'utf-8' | 'gb18030';
export type Format = { encoding: Encoding; delimiter: string };

/** A file that is no table, or not one that can be read: `file_unreadable`. */
export class Unreadable extends Error {}

/**
 * The whole records at the beginning of these bytes, and how many bytes they are. Where the file goes on behind them,
 * an unfinished record is left for the next time.
 */
export function readRecords(
  bytes: Uint8Array,
  { encoding, delimiter }: Format,
  isEnd: boolean,
): { records: string[][]; bytes: number } {
  const end = isEnd ? bytes.length : lastRecordEnd(bytes, delimiter);
  if (end === 0 && bytes.length > recordBytesMax) throw new Unreadable();
  const records = Papa.parse<string[]>(decode(bytes.subarray(0, end), encoding), {
    delimiter,
  }).data;
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

/** What separates the columns: of the three, what the first record has most of. */
export function guessDelimiter(bytes: Uint8Array): string {
  const start = bytes.subarray(markBytes(bytes), recordBytesMax);
  const counts = delimiters.map((delimiter) => {
    const line = start.subarray(0, start.indexOf(0x0a) + 1 || start.length);
    return line.reduce((sum, byte) => sum + (byte === delimiter.charCodeAt(0) ? 1 : 0), 0);
  });
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ',';
}
