import type { Ctx } from '../context.ts';
import { postedDevice } from '../devices/posted.ts';
import { retried } from '../batches/retried.ts';
import { chain, type Sent } from './chain.ts';
import { judge } from './judge.ts';
import { type ItemVerdict, keepItems, readVerdicts } from './queries.ts';
import { writeReceipt } from './receipt.ts';
import { requireSigned } from './signed.ts';

export type Uploaded = { receipt: string; verdicts: ItemVerdict[] };

/**
 * Takes what a phone scanned without a network. Keeps the texts first and by themselves, then judges what can be judged,
 * and answers a receipt for what is kept. The same upload again changes nothing and gets the same answer. A revoked
 * device may still upload: what it did is looked at, not lost.
 */
export async function upload(
  c: Ctx,
  id: number,
  { signature, ...sent }: Sent & { signature: string },
): Promise<Uploaded> {
  const device = await postedDevice(c, id);
  const links = await chain(sent);
  await requireSigned(device, sent, links, signature);
  const { sql } = c.env;
  await retried(() => keepItems(sql, id, sent, links));
  await judge(c.env, id, c.get('requestId'));
  const last = links.at(-1);
  if (!last) throw new Error('An upload is never empty.');
  const kept = { device: id, from: sent.from, through: last.seq, hash: last.hash };
  return {
    receipt: await writeReceipt(c.env, kept, device.now),
    verdicts: await retried(() => readVerdicts(sql, id, links)),
  };
}
