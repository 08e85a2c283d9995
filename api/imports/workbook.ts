import { streamXlsxRows } from 'hucre/xlsx';
import Papa from 'papaparse';
import { join, partBytes } from './files.ts';
import { headRowsMax, Unreadable } from './table.ts';

export const workbookBytesMax = 16 * 1024 * 1024;
const unpackedBytesMax = 256 * 1024 * 1024;
const rowsMax = 200_000;
const columnsMax = 60;

/** Whether these are the first bytes of a ZIP file, which every XLSX is. */
export const isZip = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4;

/**
 * The first sheet of an XLSX file as CSV in UTF-8, in parts. What it unpacks to is measured before anything is read, so a
 * small file cannot fill the memory; anything that is no such file is `Unreadable`.
 */
export async function* asCsv(
  file: Uint8Array<ArrayBuffer>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let pieces: Uint8Array[] = [];
  let waiting = 0;
  try {
    await measure(file);
    let rows = 0;
    let width = 0;
    for await (const { index, values } of streamXlsxRows(file, { maxRows: rowsMax + 1 })) {
      if (index >= rowsMax || values.length > columnsMax) throw new Unreadable();
      if (index < headRowsMax) width = Math.max(width, values.length);
      // Rows without a cell are not told; what stands to the right of the table belongs to none of its columns.
      const cells = Papa.unparse([values.slice(0, width).map(textOf)]);
      const line = encoder.encode(`${'\n'.repeat(index - rows)}${cells}\n`);
      rows = index + 1;
      pieces.push(line);
      waiting += line.length;
      while (waiting >= partBytes) {
        const whole = join(pieces);
        yield whole.slice(0, partBytes);
        pieces = [whole.subarray(partBytes)];
        waiting -= partBytes;
      }
    }
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    throw new Unreadable(undefined, { cause: error });
  }
  if (waiting > 0) yield join(pieces);
}

/** A day comes as a Date. A number of more digits than Excel keeps is written so that nobody takes it for whole. */
function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value === 'number')
    return Number.isInteger(value) && !Number.isSafeInteger(value)
      ? value.toExponential()
      : String(value);
  if (typeof value === 'string') return value;
  return typeof value === 'boolean' ? String(value) : '';
}

const centralEntry = 0x02014b50;
const endOfCentral = 0x06054b50;

/** Unpacks every entry once and throws it away, up to the limit. */
async function measure(file: Uint8Array<ArrayBuffer>): Promise<void> {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let end = file.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== endOfCentral) end--;
  if (end < 0) throw new Unreadable();
  let at = view.getUint32(end + 16, true);
  let left = unpackedBytesMax;
  for (let entries = view.getUint16(end + 10, true); entries > 0; entries--) {
    if (view.getUint32(at, true) !== centralEntry) throw new Unreadable();
    const packed = view.getUint32(at + 20, true);
    const header = view.getUint32(at + 42, true);
    const start =
      header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    const body = file.subarray(start, start + packed);
    left -= view.getUint16(at + 10, true) === 8 ? await unpackedBytes(body, left) : packed;
    if (left < 0) throw new Unreadable();
    at +=
      46 +
      view.getUint16(at + 28, true) +
      view.getUint16(at + 30, true) +
      view.getUint16(at + 32, true);
  }
}

async function unpackedBytes(packed: Uint8Array<ArrayBuffer>, max: number): Promise<number> {
  const reader = new Blob([packed])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'))
    .getReader();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes += value.length;
    if (bytes > max) {
      await reader.cancel();
      return bytes;
    }
  }
}
