import type { Refusal } from '#lib/scan/refusal.ts';
import { check, type Found } from './check.ts';
import { network } from './network.svelte.ts';
import type { OfflineOffer } from './offers.ts';
import { phone } from './phone.svelte.ts';
import {
  faultRefusal,
  lateRefusal,
  offersRefusal,
  outletRefusal,
  revokedRefusal,
  spentRefusal,
  typedRefusal,
} from './refusal.ts';
import { take } from './take.ts';

/** What the counter's screen shows of a scan without a network. */
export type OfflineStage =
  | { at: 'offer'; found: Found }
  | { at: 'storing'; offer: OfflineOffer }
  | { at: 'stored'; offer: OfflineOffer; quantity: number; found: Found }
  | { at: 'unstored'; offer: OfflineOffer };

type Answer<At extends OfflineStage['at']> =
  Extract<OfflineStage, { at: At }> | { at: 'refused'; refusal: Refusal };

/** Whether a scan at this outlet may be judged by the phone itself now. */
export function isOfflineTurn(): boolean {
  return !network.isOnline && phone.device !== null;
}

// As long as a ticket of the server is good.
const confirmMsMax = 5 * 60_000;

/** Null is a typed code, which says too little to be checked here. */
export async function checkOffline(
  address: string | null,
  outlet: number,
): Promise<Answer<'offer'>> {
  const { store, device } = phone;
  if (device !== null && device.revokedAt !== null) return refused(revokedRefusal());
  if (store === null || device === null || !phone.isReady) {
    return refused(faultRefusal({ code: 'offline_not_ready' }));
  }
  if (address === null) return refused(typedRefusal());
  if (device.outlet.id !== outlet) return refused(outletRefusal(device.outlet));
  const checked = await check(store, address, location.origin, Date.now()).catch(() => null);
  if (checked === null) return refused(faultRefusal({ code: 'offline_not_ready' }));
  if (!checked.isGood) return refused(faultRefusal(checked.fault));
  const { offers, scannedAt } = checked.found;
  const isAny = offers.some(({ reason }) => reason === null);
  return isAny ? { at: 'offer', found: checked.found } : refused(offersRefusal(offers, scannedAt));
}

/** `stored` only after the phone has it for good. */
export async function takeOffline(
  found: Found,
  offer: OfflineOffer,
  quantity: number,
  user: string,
): Promise<Answer<'stored' | 'unstored'>> {
  if (phone.store === null) return { at: 'unstored', offer };
  if (phone.now() - found.scannedAt > confirmMsMax) return refused(lateRefusal());
  try {
    const spent = await take(phone.store, found, offer, quantity, user);
    if (spent.outcome === 'stored') return { at: 'stored', offer, quantity, found };
    return refused(spentRefusal(spent, offer, found.scannedAt));
  } catch {
    return { at: 'unstored', offer };
  }
}

function refused(refusal: Refusal): { at: 'refused'; refusal: Refusal } {
  return { at: 'refused', refusal };
}
