import Papa from 'papaparse';

/** What a spreadsheet would take for a formula, also in full width, gets an apostrophe before it; a negative amount is none. */
const formula = /^(?!-\d+(?:\.\d+)?$)\s*[=+\-@\t\r＝＋－＠]/;

/** With it a spreadsheet reads the file as UTF-8. */
export const byteOrderMark = '\uFEFF';

/** 2026-11-23 14:03:05 in Asia/Shanghai, which every spreadsheet reads as a time. */
export const sheetTime = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'medium',
});

export type Rows = readonly (readonly (string | number | null)[])[];

/** Lines of CSV, each ended. */
export function csv(rows: Rows): string {
  if (rows.length === 0) return '';
  const lines = rows.map((row) => [...row]);
  return `${Papa.unparse(lines, { newline: '\r\n', escapeFormulae: formula })}\r\n`;
}

/** A file made a page at a time, each only when the one before it is sent. */
export function csvStream(pages: AsyncGenerator<Rows, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(encoder.encode(byteOrderMark));
      },
      async pull(controller) {
        // It may not come back with nothing.
        for (;;) {
          const { done, value } = await pages.next();
          if (done) return controller.close();
          if (value.length > 0) return controller.enqueue(encoder.encode(csv(value)));
        }
      },
      async cancel() {
        await pages.return();
      },
    },
    { highWaterMark: 0 },
  );
}
