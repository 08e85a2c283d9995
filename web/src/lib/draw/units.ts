/**
 * How many units of a prize a share of the money buys: never more than it pays for. The share counts in hundredths of a
 * percent, so that no part of a fen decides.
 */
export function unitsOf(totalFen: number, sharePercent: number, priceFen: number): number {
  const hundredths = Math.round(sharePercent * 100);
  const money = (BigInt(totalFen) * BigInt(hundredths)) / 10_000n;
  return Number(money / BigInt(priceFen));
}
