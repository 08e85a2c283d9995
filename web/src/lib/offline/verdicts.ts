import type { IDBPTransaction } from 'idb';
import { api, ask } from '#lib/api.ts';
import type { Device, Entry, Schema, Store, Verdict } from './store.ts';

/** The server's word on one scan; null while an earlier one is missing there. */
export type Told = {
  seq: number;
  hash?: string;
  verdict: Verdict | null;
  reason: string | null;
  decision?: 'pay' | 'reject' | null;
  decisionReason?: string | null;
};

type Writing = IDBPTransaction<Schema, ('items' | 'log' | 'leases')[], 'readwrite'>;

// The most that one answer holds.
const pageMax = 500;
// These spend the lease on the server too; the others give the units back with the next renewal.
const spending: readonly Verdict[] = ['accepted', 'duplicate', 'over_limit'];

/** Asks again about all that this phone still remembers: a verdict may change, and the union may decide. */
export async function askVerdicts(store: Store, device: Device): Promise<void> {
  const [oldest] = await store.getAllKeys('log', undefined, 1);
  if (oldest === undefined) return;
  for (let after = oldest - 1; ;) {
    const { items } = await ask(
      api.devices[':id'].items.$get({
        param: { id: String(device.id) },
        query: { after: String(after) },
      }),
    );
    const tx = store.transaction(['items', 'log', 'leases'], 'readwrite');
    await Promise.all([noteVerdicts(tx, items), tx.done]);
    const last = items.at(-1);
    if (last === undefined || items.length < pageMax) return;
    after = last.seq;
  }
}

/** A lease's units are counted once: as open here, or as used there, never as neither. */
export async function noteVerdicts(tx: Writing, told: readonly Told[]): Promise<void> {
  for (const { seq, hash, verdict, reason, decision, decisionReason } of told) {
    const entry = await tx.objectStore('log').get(seq);
    const isOurs = entry !== undefined && (hash === undefined || hash === entry.hash);
    if (!isOurs || verdict === null) continue;
    const open =
      entry.open === undefined ? undefined : await tx.objectStore('leases').get(entry.open);
    if (open !== undefined && spending.includes(verdict)) {
      await tx.objectStore('leases').put({ ...open, used: open.used + entry.quantity });
    }
    const settled: Entry = {
      ...entry,
      verdict,
      reason,
      decision: decision ?? entry.decision,
      decisionReason: decisionReason ?? entry.decisionReason,
    };
    delete settled.open;
    await tx.objectStore('log').put(settled);
  }
}
