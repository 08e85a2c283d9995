import type { Leaver } from './types.ts';

/** One line of the file; without a leaver where it names nobody. */
export type LeaverLine = { row: number; leaver: Leaver | null };

const columns = {
  phone: ['手机号', '手机', 'phone'],
  idNumber: ['身份证号', '身份证', 'id_number', 'id number'],
  reason: ['离会原因', '原因', 'reason'],
  on: ['离会日期', '日期', 'date'],
} as const;

/** Reads a table with a header: a phone or an ID number, and a reason and a day if they are there. Undefined: it has neither number. */
export async function readLeavers(
  file: File,
  reasonElse: string,
): Promise<LeaverLine[] | undefined> {
  const { parseCsv } = await import('hucre/csv');
  const [header = [], ...lines] = parseCsv(decode(await file.arrayBuffer())).map((cells) =>
    cells.map((cell) => String(cell ?? '')),
  );
  const places = header.map((cell) => cell.trim().toLowerCase());
  const placeOf = (names: readonly string[]) => places.findIndex((cell) => names.includes(cell));
  const at = {
    phone: placeOf(columns.phone),
    idNumber: placeOf(columns.idNumber),
    reason: placeOf(columns.reason),
    on: placeOf(columns.on),
  };
  if (at.phone < 0 && at.idNumber < 0) return undefined;
  return lines
    .map((cells, i) => ({ row: i + 2, cells: cells.map((cell) => cell.trim()) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
    .map(({ row, cells }) => {
      const idNumber = cells[at.idNumber] ?? '';
      const phone = cells[at.phone] ?? '';
      if (idNumber === '' && phone === '') return { row, leaver: null };
      const on = dayIn(cells[at.on] ?? '');
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

/** UTF-8 with or without a mark, else what spreadsheets in China write. */
function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

function dayIn(text: string): string | undefined {
  const [, year, month, day] = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
