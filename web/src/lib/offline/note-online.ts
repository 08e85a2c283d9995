import { readPass } from './pass.ts';
import type { Store } from './store.ts';

/** A pass that was used here with the network is not good for the same benefit without it. */
export async function noteOnline(
  store: Store,
  address: string,
  use: { benefit: number; quantity: number; at: number },
): Promise<void> {
  const pass = readPass(address);
  if (pass === null) return;
  const { card, jti } = pass;
  await store.put('seen', { card, jti, ...use, isOffline: false });
}
