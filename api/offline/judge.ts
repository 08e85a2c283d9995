import type { Services } from '../context.ts';
import { isTrouble, retried } from '../batches/retried.ts';
import { bookItems, type Judged, readWaiting, type Waiting } from './queries.ts';
import { readScan } from './read-scan.ts';

/** What one run holds at most. */
const runLength = 100;
/** A phone of two weeks without a network; more goes on with the next call. */
const runsMax = 20;

/**
 * Judges what is kept of a device and comes next, in order. Never throws: a scan is kept whether it can be judged now or
 * not, and the next upload or renewal tries again.
 */
export async function judge(services: Services, device: number, requestId: string): Promise<void> {
  try {
    for (let runs = 0; runs < runsMax; runs++) {
      const waiting = await retried(() => readWaiting(services.sql, device));
      if (waiting.length === 0) return;
      const items = await Promise.all(waiting.map((one) => toJudged(services, one)));
      const judged = await book(services, device, items);
      // Fewer were judged where another call was faster: then there may be more by now.
      if (judged === waiting.length && judged < runLength) return;
    }
  } catch (error) {
    services.log.error(error, requestId);
  }
}

/** Where the statement raises, each goes by itself, so that one which cannot be judged holds up only those after it. */
async function book({ sql }: Services, device: number, items: Judged[]): Promise<number> {
  try {
    return await retried(() => bookItems(sql, device, items));
  } catch (error) {
    if (items.length === 1 || isTrouble(error)) throw error;
    for (const item of items) await retried(() => bookItems(sql, device, [item]));
    return items.length;
  }
}

async function toJudged(services: Services, { seq, body }: Waiting): Promise<Judged> {
  const read = await readScan(services, body);
  if (read.fault === null) return { seq, ...read.item };
  if (read.fault === 'malformed') return { seq, invalid: read.fault };
  const { benefit, quantity, scannedAt } = read.scan;
  return { seq, invalid: read.fault, benefit, quantity, scannedAt };
}
