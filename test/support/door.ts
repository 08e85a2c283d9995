import type { DoorSession } from '../../api/claims/door.ts';
import { claimOne } from './claim.ts';
import type { BenefitOptions, City, ClaimOptions, Member, SessionOptions } from './city.ts';

export const minutesAhead = (minutes: number) =>
  new Date(Date.now() + minutes * 60_000).toISOString();

/** An activity of the home district at nobody's outlet, that costs nothing, and whose door is open: it begins in ten minutes. */
export async function addGathering(
  city: City,
  options: BenefitOptions & ClaimOptions & SessionOptions = {},
): Promise<{ benefit: number; session: number }> {
  const { home } = city.unions;
  const benefit = await city.addBenefit({
    union: home,
    price: 0,
    limit: [4, 'month'],
    quantityMax: 4,
    pools: { [home]: 100 },
    ...options,
  });
  await city.letClaim(benefit, options);
  const session = await city.addSession(benefit, {
    startsAt: minutesAhead(10),
    outlet: options.outlet ?? null,
    ...(options.cap !== undefined && { cap: options.cap }),
  });
  return { benefit, session };
}

/** A confirmed claim of his; its id. */
export async function claimFor(
  city: City,
  member: Pick<Member, 'cell' | 'userId'>,
  { benefit, session }: { benefit: number; session: number },
  quantity = 1,
): Promise<string> {
  const item = { ...city.claimItem(member, benefit, session), quantity };
  const { outcome, state } = await claimOne(city.sql, item);
  if (state !== 'confirmed') throw new Error(`claim: ${state ?? outcome}`);
  return item.id;
}

export type Door = DoorSession;
