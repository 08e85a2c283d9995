import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { CityKey } from './signature.ts';

/** The outlet that a phone belongs to. */
export type DeviceOutlet = { id: number; nameZh: string; nameEn: string };

/** This phone as the server knows it, with the key that it signs its uploads with. */
export type Device = {
  id: number;
  name: string;
  outlet: DeviceOutlet;
  pairedAt: string;
  key: CryptoKey;
  revokedAt: string | null;
};

/** The last scan of the chain; `at` is when it was made (epoch milliseconds). */
export type Head = { seq: number; hash: string; at: number };

/** What to add to this phone's clock, and the server's time when that was learned (epoch milliseconds). */
export type Clock = { offsetMs: number; learnedAt: number };

/** A benefit of the outlet, with what its union allows without a network. */
export type BriefBenefit = {
  id: number;
  titleZh: string;
  titleEn: string;
  priceFen: number;
  faceValueFen: number;
  /** Lacking in a briefing of a version before there was any. */
  coPaymentFen?: number;
  quantityMax: number;
  startsAt: string;
  endsAt: string;
  weekdays: number[];
  opensMinute: number;
  closesMinute: number;
  offline: { cardUsesADay: number; valueMaxFen: number; hours: number } | null;
};

export type Briefing = { benefits: BriefBenefit[] };

/** Something the server may answer with "as you have it": its tag, and when it was last right. */
export type Kept<Content> = { etag: string; checkedAt: number; content: Content };

/** A scan that no receipt covers yet; `refused` is the code with which the server turned down this very one. */
export type Item = {
  seq: number;
  body: string;
  prev: string;
  hash: string;
  refused: string | null;
};

export type Lease = {
  id: number;
  benefit: number;
  units: number;
  used: number;
  expiresAt: string;
};

/** A use that this phone has seen: a pass is good once for a benefit, a card so often a day. */
export type Seen = {
  card: number;
  jti: number;
  benefit: number;
  quantity: number;
  at: number;
  isOffline: boolean;
};

export type Verdict = 'accepted' | 'duplicate' | 'over_limit' | 'invalid' | 'needs_review';

/** What the screens say about one offline scan, before and after its upload. `open` is its lease until it has a verdict. */
export type Entry = {
  seq: number;
  hash: string;
  benefit: number;
  titleZh: string;
  titleEn: string;
  quantity: number;
  lease: number;
  open?: number;
  at: number;
  isUploaded: boolean;
  verdict: Verdict | null;
  reason: string | null;
  /** What the union decided about it, where it looked at it. */
  decision: 'pay' | 'reject' | null;
  decisionReason: string | null;
};

export interface Schema extends DBSchema {
  device: { key: 'this'; value: Device };
  head: { key: 'this'; value: Head };
  clock: { key: 'this'; value: Clock };
  briefing: { key: 'this'; value: Kept<Briefing> };
  keys: { key: 'this'; value: Kept<CityKey[]> };
  status: { key: 'this'; value: Kept<Uint8Array<ArrayBuffer>> };
  leases: { key: number; value: Lease };
  items: { key: number; value: Item };
  seen: { key: [number, number, number]; value: Seen; indexes: { card: [number, number] } };
  log: { key: number; value: Entry; indexes: { open: number } };
}

export type Store = IDBPDatabase<Schema>;

const name = 'tongka-counter';
const single = ['device', 'head', 'clock', 'briefing', 'keys', 'status'] as const;

/** Rejects where the browser keeps nothing: in some private windows, and in pages without a secure origin. */
export function openStore(): Promise<Store> {
  return openDB<Schema>(name, 1, {
    upgrade(db) {
      for (const store of single) db.createObjectStore(store);
      db.createObjectStore('leases', { keyPath: 'id' });
      db.createObjectStore('items', { keyPath: 'seq' });
      const seen = db.createObjectStore('seen', { keyPath: ['card', 'jti', 'benefit'] });
      seen.createIndex('card', ['card', 'benefit']);
      db.createObjectStore('log', { keyPath: 'seq' }).createIndex('open', 'open');
    },
    // Another tab brings a newer form of the store: this one must let go of it.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
}

/** Everything of the pairing that was; the store itself stays. */
export async function clearStore(store: Store): Promise<void> {
  const tx = store.transaction(store.objectStoreNames, 'readwrite', { durability: 'strict' });
  await Promise.all([
    ...[...store.objectStoreNames].map((one) => tx.objectStore(one).clear()),
    tx.done,
  ]);
}
