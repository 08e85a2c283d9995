/** A repeatable source of chance: the same seed gives the same city. */
export type Random = {
  /** A whole number in [0, n). */
  below: (n: number) => number;
  chance: (p: number) => boolean;
  pick: <T>(list: readonly T[]) => T;
  /** Whole numbers of 32 random bits. */
  word: () => number;
};

/** The sfc32 generator: small, fast, and random enough for invented people. */
export function createRandom(seed: number): Random {
  let [a, b, c, d] = [seed | 0, 0x9e3779b9 | 0, 0x243f6a88 | 0, 1];
  const word = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i += 1) word();
  const below = (n: number) => Math.floor((word() / 2 ** 32) * n);
  return {
    word,
    below,
    chance: (p) => word() < p * 2 ** 32,
    pick: (list) => {
      const found = list[below(list.length)];
      if (found === undefined) throw new RangeError('Nothing to pick from.');
      return found;
    },
  };
}

/**
 * Shuffles the numbers of `bits` (even, at most 52) bits: each goes to exactly one other, so that serial numbers become
 * random-looking ids without ever meeting. Four Feistel rounds.
 */
export function scatter(serial: number, bits: number, seed: number): number {
  const half = 2 ** (bits / 2);
  let left = Math.floor(serial / half);
  let right = serial % half;
  for (let round = 1; round <= 4; round += 1) {
    let x = Math.imul(right ^ Math.imul(round, 0x85ebca6b) ^ seed, 0xcc9e2d51);
    x = Math.imul(x ^ (x >>> 15), 0x1b873593);
    x = (x ^ (x >>> 13)) >>> 0;
    [left, right] = [right, (left ^ (x % half)) >>> 0];
  }
  return left * half + right;
}
