import { api, ask } from '#lib/api.ts';
import { dropSession, keepSession } from '#lib/kept-session.ts';
import { session } from '#lib/session.svelte.ts';
import { dropInvitation } from './invitation.ts';
import { keepScanner } from './keep-scanner.ts';
import { phone } from './phone.svelte.ts';
import { makeKeyPair } from './signature.ts';
import { clearStore, type Store } from './store.ts';

/** What a browser must have to redeem without a network; WeChat on iOS has no service worker. */
export function canPair(): boolean {
  return (
    'serviceWorker' in navigator &&
    'indexedDB' in window &&
    'locks' in navigator &&
    window.isSecureContext
  );
}

/** Turns an invitation into this phone's key and its place at an outlet. Takes the place of an earlier pairing, whose scans must be gone. */
export async function pair(store: Store, code: string): Promise<void> {
  const { privateKey, publicKey } = await makeKeyPair();
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', publicKey);
  const { id, name, outlet, pairedAt } = await ask(
    api.devices.$post({ json: { code, publicKey: { kty: 'EC', crv: 'P-256', x, y } } }),
  );
  await clearStore(store);
  const device = { id, name, outlet, pairedAt, key: privateKey, revokedAt: null };
  const tx = store.transaction('device', 'readwrite', { durability: 'strict' });
  await Promise.all([tx.store.put(device, 'this'), tx.done]);
  dropInvitation();
  if (session.facts !== null) keepSession(session.facts);
  await phone.changed();
  await navigator.storage.persist();
  await keepScanner().catch(() => undefined);
  await phone.sync();
}

/** Gives back the units and forgets everything, the key and what was not uploaded included. */
export async function unpair(store: Store): Promise<void> {
  const device = await store.get('device', 'this');
  if (device === undefined) return;
  if (device.revokedAt === null) {
    await ask(api.devices[':id'].leases.$delete({ param: { id: String(device.id) } }));
  }
  await clearStore(store);
  dropSession();
  await phone.changed();
}
