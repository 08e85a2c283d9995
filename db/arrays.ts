import type { PostgresType } from 'postgres';

type Element = string | number | null;
type Parse = (text: string) => Element;

/** Oids of array types, and what an element of each is. */
const arrays: readonly (readonly [oid: number, parse: Parse])[] = [
  [1005, Number],
  [1007, Number],
  [1009, String],
  [1015, String],
  [1016, safeInteger],
  [2951, String],
];

/**
 * How arrays of integers, text and UUIDs are sent and read. The driver would ask each new connection for them: a
 * Worker has a new one for each request, and no trip to spare.
 */
export const arrayTypes: Record<string, PostgresType> = Object.fromEntries(
  arrays.map(([oid, parse]) => [
    `array${oid}`,
    { to: oid, from: [oid], serialize: write, parse: (text: string) => read(text, parse) },
  ]),
);

export function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('An int8 is beyond the safe integers.');
  return value;
}

/** Drizzle hands over a column's array as finished text. */
function write(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return `{${value.map(writeElement).join()}}`;
}

function writeElement(element: unknown): unknown {
  if (Array.isArray(element)) return write(element);
  if (element === null) return 'NULL';
  return `"${String(element).replace(/[\\"]/g, '\\$&')}"`;
}

/** Of one dimension: the product has no others. */
function read(text: string, parse: Parse): Element[] {
  const elements = text.slice(1, -1).matchAll(/"((?:[^"\\]|\\[^])*)"|[^",]+/g);
  return Array.from(elements, ([whole, quoted]) => {
    if (quoted !== undefined) return parse(quoted.replace(/\\([^])/g, '$1'));
    return whole === 'NULL' ? null : parse(whole);
  });
}
