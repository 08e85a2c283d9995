import { api, ask } from '#lib/api.ts';
import { Problem } from '#lib/problem.ts';
import { fetchKept } from './fetch-kept.ts';
import type { CityKey } from './signature.ts';
import { openStatusList } from './status-list.ts';
import type { Briefing, Device, Kept, Store } from './store.ts';

const seenKeptMs = 3 * 24 * 60 * 60 * 1000;
const logKeptMs = 14 * 24 * 60 * 60 * 1000;

/**
 * Learns all that this phone needs without a network: keys, benefits, stopped cards, units, and how wrong its clock is.
 * Where the list is not signed by the city, nothing of it is kept.
 */
export async function refresh(store: Store, device: Device): Promise<void> {
  const now = await refreshLeases(store, device);
  await refreshKeys(store, now);
  const briefed = await fetchNewer(store, 'briefing', `/api/devices/${device.id}/briefing`);
  await keep<Briefing>(
    store,
    'briefing',
    now,
    briefed && (await readBriefing(briefed.response)),
    briefed?.etag,
  );
  await refreshStatus(store, now);
  await forgetOld(store, now);
}

/** The city's public keys, which verify passes, the list and receipts. They need no session. */
export async function refreshKeys(store: Store, now: number): Promise<void> {
  const found = await fetchNewer(store, 'keys', '/.well-known/jwks.json');
  const content = found && ((await found.response.json()) as { keys: CityKey[] }).keys;
  await keep<CityKey[]>(store, 'keys', now, content, found?.etag);
}

/** Answers the server's time. The offset takes half of the round trip as the way of the answer. */
async function refreshLeases(store: Store, device: Device): Promise<number> {
  const sent = Date.now();
  const answer = await ask(api.devices[':id'].leases.$post({ param: { id: String(device.id) } }));
  const heard = Date.now();
  const learnedAt = Date.parse(answer.serverTime);
  const tx = store.transaction(['clock', 'leases'], 'readwrite');
  const leases = tx.objectStore('leases');
  await Promise.all([
    tx.objectStore('clock').put({ offsetMs: learnedAt - (sent + heard) / 2, learnedAt }, 'this'),
    leases.clear(),
    ...answer.leases.map(({ id, benefit, units, used, expiresAt }) =>
      leases.put({ id, benefit, units, used, expiresAt }),
    ),
    tx.done,
  ]);
  return learnedAt;
}

async function refreshStatus(store: Store, now: number): Promise<void> {
  const found = await fetchNewer(store, 'status', '/api/card-status');
  const bytes = found && new Uint8Array(await found.response.arrayBuffer());
  const keys = (await store.get('keys', 'this'))?.content ?? [];
  if (bytes !== null && (await openStatusList(bytes, keys)) === null) {
    throw new Problem('status_not_signed', 200);
  }
  await keep<Uint8Array<ArrayBuffer>>(store, 'status', now, bytes, found?.etag);
}

async function readBriefing(response: Response): Promise<Briefing> {
  const { benefits } = (await response.json()) as Briefing;
  return { benefits };
}

type Name = 'briefing' | 'keys' | 'status';

async function fetchNewer(
  store: Store,
  name: Name,
  address: string,
): Promise<{ response: Response; etag: string } | null> {
  const fetched = await fetchKept(address, (await store.get(name, 'this'))?.etag);
  return fetched.isNew ? fetched : null;
}

/** Without new content, what is kept is right as of now. */
async function keep<Content extends Briefing | CityKey[] | Uint8Array<ArrayBuffer>>(
  store: Store,
  name: Name,
  checkedAt: number,
  content: Content | null,
  etag: string | undefined,
): Promise<void> {
  const earlier = (await store.get(name, 'this')) as Kept<Content> | undefined;
  const next =
    content === null
      ? earlier && { ...earlier, checkedAt }
      : { etag: etag ?? '', checkedAt, content };
  if (next !== undefined) await store.put(name, next as never, 'this');
}

/** A pass lives for a minute and a day's uses for a day; verdicts can be read for two weeks. */
async function forgetOld(store: Store, now: number): Promise<void> {
  const tx = store.transaction(['seen', 'log'], 'readwrite');
  for await (const cursor of tx.objectStore('seen')) {
    if (cursor.value.at < now - seenKeptMs) await cursor.delete();
  }
  for await (const cursor of tx.objectStore('log')) {
    const { isUploaded, verdict, at } = cursor.value;
    if (isUploaded && verdict !== null && at < now - logKeptMs) await cursor.delete();
  }
  await tx.done;
}
