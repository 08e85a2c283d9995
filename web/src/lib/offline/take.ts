import { newId } from '#lib/scan/redemption-id.ts';
import type { Found } from './check.ts';
import type { OfflineOffer } from './offers.ts';
import { cellOfCard } from './pass.ts';
import { spend, type Spent } from './spend.ts';
import type { Store } from './store.ts';

/** Writes a checked scan as the operator confirmed it. Rejects when this phone could not store it. */
export function take(
  store: Store,
  found: Found,
  { benefit, lease }: OfflineOffer,
  quantity: number,
  user: string,
): Promise<Spent> {
  const { address, pass, scannedAt, offsetMs, listAt } = found;
  return spend(store, {
    device: found.device,
    pass,
    benefit,
    at: scannedAt,
    saying: {
      id: newId(cellOfCard(pass.card)),
      pass: address,
      benefit: benefit.id,
      quantity,
      lease,
      scannedAt: new Date(scannedAt).toISOString(),
      clockOffsetMs: Math.round(offsetMs),
      listAt: new Date(listAt).toISOString(),
      user,
    },
  });
}
