import { hashOf, bodyOf, origin, type Saying } from './chain.ts';
import type { Pass } from './pass.ts';
import type { BriefBenefit, Head, Store } from './store.ts';
import { dayOf } from './day.ts';

/** One offline use as it was decided on the screen. */
export type Use = {
  device: number;
  saying: Saying;
  pass: Pass;
  benefit: BriefBenefit;
  at: number;
};

export type Spent =
  | { outcome: 'stored'; seq: number }
  | { outcome: 'pass_already_used'; at: number }
  | { outcome: 'card_uses_a_day' | 'lease_spent' | 'device_gone' };

const first: Head = { seq: 0, hash: origin, at: 0 };
const touched = ['device', 'head', 'items', 'leases', 'seen', 'log'] as const;

/**
 * Stores the scan, spends its lease and marks its pass in one durable transaction: when this resolves to `stored`, and
 * only then, the screen may turn green. Rejects when the phone could not store it; then nothing is spent either.
 */
export async function spend(store: Store, use: Use): Promise<Spent> {
  const body = bodyOf(use.saying);
  for (;;) {
    const before = (await store.get('head', 'this')) ?? first;
    const hash = await hashOf(before.hash, body);
    const spent = await attempt(store, use, { seq: before.seq + 1, body, prev: before.hash, hash });
    if (spent !== 'overtaken') return spent;
  }
}

type Link = { seq: number; body: string; prev: string; hash: string };

async function attempt(store: Store, use: Use, link: Link): Promise<Spent | 'overtaken'> {
  const tx = store.transaction(touched, 'readwrite', { durability: 'strict' });
  const write = async (): Promise<Spent | 'overtaken'> => {
    const { pass, benefit, saying, at } = use;
    const head = (await tx.objectStore('head').get('this')) ?? first;
    // Another tab stored a scan while this one was hashed.
    if (head.hash !== link.prev) return 'overtaken';
    const device = await tx.objectStore('device').get('this');
    if (device?.id !== use.device || device.revokedAt !== null) return { outcome: 'device_gone' };
    const seen = await tx.objectStore('seen').get([pass.card, pass.jti, benefit.id]);
    if (seen !== undefined) return { outcome: 'pass_already_used', at: seen.at };
    const uses = await tx.objectStore('seen').index('card').getAll([pass.card, benefit.id]);
    const today = usesOn(uses, at);
    if (today + saying.quantity > (benefit.offline?.cardUsesADay ?? 0)) {
      return { outcome: 'card_uses_a_day' };
    }
    const lease = await tx.objectStore('leases').get(saying.lease);
    const open = await tx.objectStore('log').index('open').getAll(saying.lease);
    const left = lease === undefined ? 0 : lease.units - lease.used - unitsOf(open);
    if (saying.quantity > left) return { outcome: 'lease_spent' };
    const { titleZh, titleEn } = benefit;
    const { quantity } = saying;
    const { card, jti } = pass;
    await Promise.all([
      tx.objectStore('items').add({ ...link, refused: null }),
      tx.objectStore('head').put({ seq: link.seq, hash: link.hash, at }, 'this'),
      tx.objectStore('seen').put({ card, jti, benefit: benefit.id, quantity, at, isOffline: true }),
      tx.objectStore('log').put({
        ...{ seq: link.seq, hash: link.hash },
        ...{ benefit: benefit.id, titleZh, titleEn, quantity, at },
        ...{ lease: saying.lease, open: saying.lease },
        ...{ isUploaded: false, verdict: null, reason: null },
        ...{ decision: null, decisionReason: null },
      }),
    ]);
    return { outcome: 'stored', seq: link.seq };
  };
  const written = write().catch((thrown: unknown) => {
    abort(tx);
    throw thrown;
  });
  // Green waits for the end of the transaction: what was asked of it may still not be on the disk.
  const [spent] = await Promise.all([written, tx.done]);
  return spent;
}

/** Half a scan must not stay: a failure of ours does not end a transaction by itself. */
function abort(tx: { abort: () => void }): void {
  try {
    tx.abort();
  } catch {
    return;
  }
}

export function unitsOf(entries: readonly { quantity: number }[]): number {
  return entries.reduce((sum, { quantity }) => sum + quantity, 0);
}

/** How many units of a benefit this phone has given one card offline on the local day of an instant. */
export function usesOn(
  uses: readonly { quantity: number; at: number; isOffline: boolean }[],
  instant: number,
): number {
  const day = dayOf(instant);
  return unitsOf(uses.filter(({ at, isOffline }) => isOffline && dayOf(at) === day));
}
