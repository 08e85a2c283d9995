import { api, ask } from '#lib/api.ts';
import { Problem } from '#lib/problem.ts';
import { toBase64Url } from './bytes.ts';
import { uploadText } from './chain.ts';
import { isReceiptFor } from './receipt.ts';
import { refreshKeys } from './refresh.ts';
import { sign } from './signature.ts';
import type { Device, Item, Store } from './store.ts';
import { noteVerdicts, type Told } from './verdicts.ts';

const batchMax = 100;
// What the server says of the items themselves. Everything else is about the way, the session or the moment.
const aboutItems: readonly string[] = [
  'invalid_request',
  'invalid_json',
  'body_too_large',
  'upload_not_signed',
];

/** Sends what no receipt covers yet, in the order it was made. Throws when the server cannot be asked now; deletes nothing then. */
export async function upload(store: Store, device: Device): Promise<void> {
  const items = await store.getAll('items');
  for (const batch of batchesOf(items.filter(({ refused }) => refused === null))) {
    await send(store, device, batch);
  }
}

/** Items that were refused for themselves are tried again when somebody asks for it. */
export async function forgiveRefused(store: Store): Promise<void> {
  const tx = store.transaction('items', 'readwrite');
  for (const item of await tx.store.getAll()) {
    if (item.refused !== null) await tx.store.put({ ...item, refused: null });
  }
  await tx.done;
}

/** At most a hundred at once, each batch without a gap in it. */
export function batchesOf<One extends { seq: number }>(items: readonly One[]): One[][] {
  const batches: One[][] = [];
  for (const item of items) {
    const batch = batches.at(-1);
    const isNext = batch?.at(-1)?.seq === item.seq - 1 && batch.length < batchMax;
    if (isNext) batch.push(item);
    else batches.push([item]);
  }
  return batches;
}

async function send(store: Store, device: Device, batch: readonly Item[]): Promise<void> {
  try {
    await sendWhole(store, device, batch);
  } catch (thrown) {
    if (!(thrown instanceof Problem) || !aboutItems.includes(thrown.code)) throw thrown;
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) {
      await store.put('items', { ...only, refused: thrown.code });
      return;
    }
    // One bad scan must not hold up the others: it is looked for by halves.
    const middle = Math.ceil(batch.length / 2);
    await send(store, device, batch.slice(0, middle));
    await send(store, device, batch.slice(middle));
  }
}

async function sendWhole(store: Store, device: Device, batch: readonly Item[]): Promise<void> {
  const [first, last] = [batch[0], batch.at(-1)];
  if (first === undefined || last === undefined) return;
  const { seq: from, prev } = first;
  const count = batch.length;
  const text = uploadText({ device: device.id, from, count, prev, last: last.hash });
  const signature = toBase64Url(await sign(device.key, text));
  const answer = await ask(
    api.devices[':id'].uploads.$post({
      param: { id: String(device.id) },
      json: { from, prev, items: batch.map(({ body }) => body), signature },
    }),
  );
  const awaited = {
    issuer: location.origin,
    device: device.id,
    from,
    through: last.seq,
    hash: last.hash,
  };
  if (!(await isReceiptGood(store, answer.receipt, awaited))) {
    throw new Problem('receipt_invalid', 200);
  }
  await settle(store, batch, answer.verdicts);
}

type Awaited = Parameters<typeof isReceiptFor>[1];

/** With the keys this phone has, or with newer ones. */
async function isReceiptGood(store: Store, receipt: string, awaited: Awaited): Promise<boolean> {
  const keys = async () => (await store.get('keys', 'this'))?.content ?? [];
  if (await isReceiptFor(receipt, awaited, await keys())) return true;
  await refreshKeys(store, Date.now());
  return isReceiptFor(receipt, awaited, await keys());
}

/** Deletes what the receipt covers, and notes what the server thinks of it, in one transaction. */
async function settle(store: Store, batch: readonly Item[], verdicts: readonly Told[]) {
  const tx = store.transaction(['items', 'log', 'leases'], 'readwrite', { durability: 'strict' });
  const write = async (): Promise<void> => {
    for (const { seq, hash } of batch) {
      const item = await tx.objectStore('items').get(seq);
      if (item?.hash === hash) await tx.objectStore('items').delete(seq);
      const entry = await tx.objectStore('log').get(seq);
      if (entry !== undefined) await tx.objectStore('log').put({ ...entry, isUploaded: true });
    }
    await noteVerdicts(tx, verdicts);
  };
  await Promise.all([write(), tx.done]);
}
