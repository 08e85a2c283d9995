import Papa from 'papaparse';

/** What a spreadsheet would take for a formula, also in full width, gets an apostrophe before it; a negative amount is none. */
const formula = /^(?!-\d+(?:\.\d+)?$)\s*[=+\-@\t\r＝＋－＠]/;

/** With it a spreadsheet reads the file as UTF-8. */
export const byteOrderMark = '\uFEFF';

/** Lines of CSV, each ended. */
export function csv(rows: readonly (readonly (string | number | null)[])[]): string {
  if (rows.length === 0) return '';
  const lines = rows.map((row) => [...row]);
  return `${Papa.unparse(lines, { newline: '\r\n', escapeFormulae: formula })}\r\n`;
}
