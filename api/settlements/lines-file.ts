import { writeXlsx } from 'hucre/xlsx';
import type { Ctx } from '../context.ts';
import { csvStream, type Rows } from '../csv.ts';
import { Problem } from '../errors.ts';
import { type Cell, hashRecipe, lineColumns } from './file-columns.ts';
import { linesOfDay } from './lines.ts';
import { readStatement, type StatementDetail } from './read.ts';

/** More than this is for a program, not for a sheet; all of it stands in memory at once. */
const sheetLinesMax = 100_000;

/** All lines of a statement as CSV with a byte order mark, day by day, so that memory stays flat. */
export async function linesCsv(c: Ctx, id: number): Promise<ReadableStream<Uint8Array>> {
  const { month } = await readStatement(c, id);
  return csvStream(pagesOf(c, id, month));
}

async function* pagesOf(c: Ctx, id: number, month: string): AsyncGenerator<Rows, void> {
  yield [lineColumns.map(({ name }) => name)];
  for (const day of daysOf(month)) yield await rowsOfDay(c, id, day);
}

/** The same as a workbook: the lines, what the columns mean, and the statement's own figures. */
export async function linesXlsx(c: Ctx, id: number): Promise<Uint8Array<ArrayBuffer>> {
  const detail = await readStatement(c, id);
  if (detail.lines > sheetLinesMax) throw new Problem('too_many_lines', { lines: detail.lines });
  const rows: Cell[][] = [lineColumns.map(({ name }) => name)];
  for (const day of daysOf(detail.month)) rows.push(...(await rowsOfDay(c, id, day)));
  const book = await writeXlsx({
    sheets: [
      {
        name: 'lines',
        columns: lineColumns.map(() => ({ width: 18 })),
        rows,
        freezePane: { rows: 1 },
      },
      { name: 'format', rows: formatRows },
      { name: 'statement', rows: summaryRows(detail) },
    ],
  });
  return new Uint8Array(book);
}

const formatRows: Cell[][] = [
  ...lineColumns.map(({ name, zh, en }) => [name, zh, en]),
  [],
  ...hashRecipe.map((line) => [line]),
];

function summaryRows(detail: StatementDetail): Cell[][] {
  const { id, month, kind, union, other, partner, debitFen, creditFen, hash } = detail;
  return [
    ['statement', id],
    ['month', month],
    ['kind', kind],
    ['union', union.id, union.nameZh],
    ...(other ? [['other', other.id, other.nameZh]] : []),
    ...(partner ? [['partner', partner.id, partner.nameZh]] : []),
    ['lines', detail.lines],
    ['redemptions', detail.redemptions],
    ['debit_fen', debitFen],
    ['credit_fen', creditFen],
    ['hash', hash],
  ];
}

async function rowsOfDay(c: Ctx, id: number, day: string): Promise<Cell[][]> {
  const lines = await linesOfDay(c, id, day);
  return lines.map((line) => lineColumns.map(({ cell }) => cell(line)));
}

/** The days of a month by its first one. */
function daysOf(month: string): string[] {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return Array.from(
    { length: count },
    (_, i) => `${month.slice(0, 8)}${String(i + 1).padStart(2, '0')}`,
  );
}
