type Element = string | number | readonly string[] | null;

/**
 * Values as the text of a PostgreSQL array, to be cast in SQL. Where no session is kept (Hyperdrive) the driver knows no
 * array types, and text is read several times faster than JSON.
 */
export function arrayLiteral(values: readonly Element[]): string {
  let text = '{';
  for (const [i, value] of values.entries()) {
    if (i > 0) text += ',';
    if (value === null) text += 'NULL';
    else if (typeof value === 'number') text += String(value);
    else text += quoted(typeof value === 'string' ? value : arrayLiteral(value));
  }
  return `${text}}`;
}

const special = /["\\]/;

function quoted(text: string): string {
  return special.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}
