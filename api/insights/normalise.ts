const lengthMax = 20;
const digitsMax = 4;

/**
 * A word that was looked for, so that the same wish counts as one: full and half width alike, lower case, single spaces,
 * twenty characters. Null for none, and for what has more than four digits, as phone, card and ID numbers have.
 */
export function normalise(word: string | undefined): string | null {
  const plain = (word ?? '').normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
  if ((plain.match(/\p{Nd}/gu)?.length ?? 0) > digitsMax) return null;
  return Array.from(plain).slice(0, lengthMax).join('').trim() || null;
}
