export type CodeList = {
  /** Each once, in the order they came. */
  codes: string[];
  twice: number;
  /** The numbers of the lines that are no codes; the codes themselves are nobody's to read aloud. */
  badLines: number[];
};

const code = /^[!-~]{4,64}$/;

/** Codes from what was pasted, or the first column of a CSV file; an empty line is none. */
export function readCodes(text: string): CodeList {
  const codes = new Set<string>();
  const badLines: number[] = [];
  let twice = 0;
  for (const [i, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const value = firstColumn(line.trim());
    if (value === '') continue;
    if (!code.test(value)) badLines.push(i + 1);
    else if (codes.has(value)) twice += 1;
    else codes.add(value);
  }
  return { codes: [...codes], twice, badLines };
}

/** A comma, semicolon or tab ends it; in quotes it may hold them. */
function firstColumn(line: string): string {
  const quoted = /^"((?:[^"]|"")*)"/.exec(line);
  if (quoted?.[1] !== undefined) return quoted[1].replaceAll('""', '"').trim();
  return (/^[^,;\t]*/.exec(line)?.[0] ?? '').trim();
}
