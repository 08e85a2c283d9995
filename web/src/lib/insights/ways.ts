import type { Flow } from './types.ts';

/** going: where a district's members went; coming: whose members came to it. */
export type Way = 'going' | 'coming';

/** How many of a district's uses fell on each other district, and on itself. */
export function countsOf(
  flows: readonly Flow[],
  districtId: number,
  way: Way,
): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { homeId, hostId, redemptions } of flows) {
    const [here, there] = way === 'going' ? [homeId, hostId] : [hostId, homeId];
    if (here === districtId && there !== null)
      counts.set(there, (counts.get(there) ?? 0) + redemptions);
  }
  return counts;
}

/** 东城区 is 东城 where there is no room. */
export const inShort = (place: string): string =>
  place.length > 2 && place.endsWith('\u533a') ? place.slice(0, -1) : place;
