/** Sixteen characters of Crockford's base 32: no I, L, O or U. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export const shortCodeLength = 16;

/** What was typed, as the code means it: O is 0, I and L are 1, case, spaces and dashes do not count. */
export function normalised(typed: string): string {
  return typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1');
}

/** The first character that no short code contains, if there is one. */
export function strangeCharacter(code: string): string | undefined {
  return [...code].find((character) => !alphabet.includes(character));
}

export function isShortCode(code: string): boolean {
  return code.length === shortCodeLength && strangeCharacter(code) === undefined;
}
