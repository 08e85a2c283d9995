/** How many entries of a draw have this weight, and how many of them were drawn for a prize. */
export type WeightCount = { weight: number; entries: number; won: number };

/** `expected`: how many of them a lot by these weights draws on average. */
export type Chance = WeightCount & { expected: number };

/**
 * Of n entries of weight w, n(1 − e^(−wt)) are among the first k on average, t being such that these add up to k: each
 * ticket comes at a random moment, and an entry with its first one.
 */
export function chancesOf(counts: readonly WeightCount[]): Chance[] {
  const entries = counts.reduce((sum, one) => sum + one.entries, 0);
  const won = counts.reduce((sum, one) => sum + one.won, 0);
  const among = (t: number) => counts.map(({ weight, entries: n }) => -n * Math.expm1(-weight * t));
  const total = (t: number) => among(t).reduce((sum, one) => sum + one, 0);
  let [low, high] = [0, 1];
  if (won < entries) {
    while (total(high) < won) high *= 2;
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      if (total(middle) < won) low = middle;
      else high = middle;
    }
  } else low = Infinity;
  const expected = among(low);
  return counts.map((one, i) => ({ ...one, expected: expected[i] ?? 0 }));
}
