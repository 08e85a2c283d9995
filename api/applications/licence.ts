const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** Whether a unified social credit code (GB 32100) is 18 characters of its alphabet, the last one its check character. */
export function isLicence(code: string): boolean {
  if (code.length !== 18) return false;
  const values = Array.from(code, (character) => alphabet.indexOf(character));
  if (values.includes(-1)) return false;
  // Weights are the powers of three, and the whole is a multiple of 31 when its last character is right.
  let weight = 1;
  let sum = 0;
  for (const value of values.slice(0, 17)) {
    sum += value * weight;
    weight = (weight * 3) % 31;
  }
  return (sum + (values[17] ?? 0)) % 31 === 0;
}
