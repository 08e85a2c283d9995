import type { Tx } from '../audit/record.ts';
import { poolsIn, setPlaces } from './places.ts';

const plenty = 100_000;

/**
 * Places for everybody of a benefit that costs no union anything and has none yet: what bounds it are a room's hours, or
 * an offer's codes. As it is nobody's money, who sets the terms may do so. Under the benefit's lock.
 */
export async function openFreePlaces(
  tx: Tx,
  benefit: { id: number; unionId: number; cap: number | null; quotaPeriod: 'month' | 'total' },
): Promise<void> {
  if (benefit.quotaPeriod !== 'total' || (await poolsIn(tx, benefit.id, null)).length > 0) return;
  const cap = Math.min(benefit.cap ?? plenty, plenty);
  await setPlaces(tx, benefit, null, [{ districtId: null, cap, topped: 0 }]);
}
