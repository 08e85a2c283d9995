import Papa from 'papaparse';

/** What a spreadsheet would take for a formula, also in full width, gets an apostrophe before it. */
const formula = /^\s*[=+\-@\t\r＝＋－＠]/;

export function csv(rows: (string | number)[][]): string {
  return `${Papa.unparse(rows, { newline: '\r\n', escapeFormulae: formula })}\r\n`;
}

/** A file made a page at a time, each only when the one before it is sent. */
export function streamOf(pages: AsyncGenerator<string, void>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pages.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        await pages.return();
      },
    },
    { highWaterMark: 0 },
  );
}
