import type { Leaver } from './types.ts';

/** One line of the file; without a leaver where it names nobody, or no day there ever is. */
export type LeaverLine =
  { row: number; leaver: Leaver } | { row: number; leaver: null; fault: 'identity' | 'day' };

const columns = {
  phone: ['手机号', '手机', '手机号码', '联系电话', '电话', 'phone', 'phonenumber'],
  idNumber: ['身份证号', '身份证', '身份证号码', '证件号码', 'id_number', 'idnumber'],
  reason: ['离会原因', '原因', 'reason'],
  on: ['离会日期', '日期', 'date'],
} as const;
const headRowsMax = 10;
const numberLengthMax = 32;

/** A title without what people write around it: 「手 机 号*」, 「手机号（必填）」. */
const plain = (title: string): string =>
  title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\(.*?\)|[\s*:]/g, '');

/** Reads a table with a header: a phone or an ID number, and a reason and a day if they are there. Undefined: it has neither number. */
export async function readLeavers(
  file: File,
  reasonElse: string,
): Promise<LeaverLine[] | undefined> {
  const rows = await tableOf(await file.arrayBuffer());
  const numbers: readonly string[] = [...columns.phone, ...columns.idNumber];
  const top = rows
    .slice(0, headRowsMax)
    .findIndex((cells) => cells.some((cell) => numbers.includes(plain(cell))));
  if (top < 0) return undefined;
  const places = (rows[top] ?? []).map(plain);
  const lines = rows.slice(top + 1);
  const placeOf = (names: readonly string[]) => places.findIndex((cell) => names.includes(cell));
  const at = {
    phone: placeOf(columns.phone),
    idNumber: placeOf(columns.idNumber),
    reason: placeOf(columns.reason),
    on: placeOf(columns.on),
  };
  return lines
    .map((cells, i) => ({ row: top + i + 2, cells: cells.map((cell) => cell.trim()) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
    .map(({ row, cells }): LeaverLine => {
      const idNumber = (cells[at.idNumber] ?? '').slice(0, numberLengthMax);
      const phone = (cells[at.phone] ?? '').slice(0, numberLengthMax);
      if (idNumber === '' && phone === '') return { row, leaver: null, fault: 'identity' };
      const day = cells[at.on] ?? '';
      const on = dayIn(day);
      // Left out of account, a day to come would let him go today.
      if (day !== '' && on === undefined) return { row, leaver: null, fault: 'day' };
      return {
        row,
        leaver: {
          person: idNumber === '' ? { phone } : { idNumber },
          reason: (cells[at.reason] ?? '').slice(0, 80) || reasonElse,
          ...(on !== undefined && { on }),
        },
      };
    });
}

/** The first sheet of an XLSX file, which is a ZIP; anything else as CSV. */
async function tableOf(bytes: ArrayBuffer): Promise<string[][]> {
  const isZip = new DataView(bytes).byteLength > 4 && new DataView(bytes).getUint32(0) === zipMark;
  if (!isZip) {
    const { parseCsv } = await import('hucre/csv');
    return parseCsv(decode(bytes)).map((cells) => cells.map((cell) => String(cell ?? '')));
  }
  try {
    const { readXlsx } = await import('hucre/xlsx');
    const { sheets } = await readXlsx(bytes);
    return (sheets[0]?.rows ?? []).map((cells) => cells.map(textOf));
  } catch {
    return [];
  }
}

const zipMark = 0x504b0304;

const textOf = (cell: unknown): string =>
  cell instanceof Date
    ? cell.toISOString().slice(0, 10)
    : typeof cell === 'string' || typeof cell === 'number'
      ? String(cell)
      : '';

/** UTF-8 with or without a mark, else what spreadsheets in China write. */
function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

/** As 2026-01-31, 2026/1/31, 2026.1.31, 2026年1月31日 or 20260131. */
function dayIn(text: string): string | undefined {
  const [, year = '', month = '', day = ''] =
    /^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d\d)(\d\d))$/
      .exec(text)
      ?.filter((part) => part !== undefined) ?? [];
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const at = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || !at.toISOString().startsWith(iso) ? undefined : iso;
}
