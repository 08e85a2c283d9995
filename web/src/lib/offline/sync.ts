import { asProblem, Problem } from '#lib/problem.ts';
import { refresh } from './refresh.ts';
import type { Store } from './store.ts';
import { upload } from './upload.ts';
import { askVerdicts } from './verdicts.ts';

const lock = 'tongka-sync';

/**
 * Uploads what waits, then learns everything anew; one tab at a time. Answers what was in the way, null when nothing
 * was. A phone that was revoked still uploads, and gets nothing more.
 */
export function sync(store: Store): Promise<Problem | null> {
  return navigator.locks.request(lock, async () => {
    try {
      const device = await store.get('device', 'this');
      if (device === undefined) return null;
      await upload(store, device);
      await askVerdicts(store, device);
      if (device.revokedAt === null) await refresh(store, device);
      return null;
    } catch (thrown) {
      const problem = heard(thrown);
      if (problem.code === 'device_revoked') await revoked(store, problem);
      return problem;
    }
  });
}

/** Ends offline use on this phone; what it has not uploaded yet stays. */
async function revoked(store: Store, { facts }: Problem): Promise<void> {
  const at = typeof facts['at'] === 'string' ? facts['at'] : new Date().toISOString();
  const tx = store.transaction(['device', 'leases'], 'readwrite', { durability: 'strict' });
  const device = await tx.objectStore('device').get('this');
  if (device !== undefined)
    await tx.objectStore('device').put({ ...device, revokedAt: at }, 'this');
  await tx.objectStore('leases').clear();
  await tx.done;
}

function heard(thrown: unknown): Problem {
  // A page of some other network in place of the answer is no answer.
  if (thrown instanceof SyntaxError) return new Problem('offline', 0);
  // The store speaks in these too: the phone is full, or took the store away.
  const isStore = thrown instanceof DOMException && thrown.name !== 'TimeoutError';
  return isStore ? new Problem('storage_failed', 200) : asProblem(thrown);
}
