import type { Share } from '../../../db/schema/benefits.ts';

/**
 * What each share of a rule bears of a use, in fen, as one would work it out by hand: the amounts, then the rest by parts,
 * and what caps leave to the first by parts that has none.
 */
export function divide(funding: Share[] | null, priceFen: number, quantity: number): number[] {
  let rest = priceFen * quantity;
  if (funding === null) return [rest];
  const wanted = funding.map(({ amountFen }) => {
    const amount = Math.min((amountFen ?? 0) * quantity, rest);
    rest -= amount;
    return amount;
  });
  const parts = divideBy(
    funding.map(({ parts }) => parts ?? 0),
    rest,
  );
  const borne = funding.map(({ capFen }, place) =>
    Math.min((wanted[place] ?? 0) + (parts[place] ?? 0), (capFen ?? Infinity) * quantity),
  );
  const bearer = funding.findIndex(
    (share) => share.parts !== undefined && share.capFen === undefined,
  );
  const left = borne.reduce((sum, amount) => sum - amount, priceFen * quantity);
  return borne.map((amount, place) => amount + (place === bearer ? left : 0));
}

/** An amount by weights, each rounded down, and one fen more for those who lost most by it; without any, the first has all. */
export function divideBy(weights: number[], amount: number): number[] {
  const total = BigInt(weights.reduce((sum, weight) => sum + weight, 0));
  if (total === 0n) return weights.map((_, place) => (place === 0 ? amount : 0));
  const exact = weights.map((weight, place) => {
    const product = BigInt(amount) * BigInt(weight);
    return { place, floor: Number(product / total), lost: product % total };
  });
  const missing = exact.reduce((sum, { floor }) => sum - floor, amount);
  const first = exact
    .toSorted((a, b) => (a.lost === b.lost ? a.place - b.place : a.lost > b.lost ? -1 : 1))
    .slice(0, missing)
    .map(({ place }) => place);
  return exact.map(({ place, floor }) => floor + (first.includes(place) ? 1 : 0));
}
