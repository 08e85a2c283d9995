import { type Counter, openCounters, openOffline, scanOffline } from './devices.ts';
import { Desk } from './desk.ts';
import { figure, quantile } from './figure.ts';
import type { Ground } from './ground.ts';
import { openTill, Passes, type Till } from './till.ts';
import { type Caller, requestOf } from './wire.ts';

const counterCount = 50;
const scansEach = 200;
const scansABatch = 100;
const warmUpScans = 20;
const megabytesMax = 250;

type Times = { perSecond: number; milliseconds: number[] };

/**
 * Fifty counters come back to the network at once, each with two hundred scans to upload by the hundred; beside it as
 * many live redemptions from fifty counters. The server is a process of its own.
 */
export async function sync(ground: Ground): Promise<void> {
  const till = await openTill(ground.sql, ground.config);
  const passes = new Passes(ground.sql, ground.config, till.holders);
  const desk = await Desk.open(ground, passes, till);
  const caller = { origin: desk.server.url, cookie: till.cookie };
  try {
    const benefits = await openOffline(ground.sql, till);
    const counters = await openCounters(ground.sql, till, caller, benefits, counterCount);
    await upload(counters, passes, till, caller, warmUpScans);
    const late = await upload(counters, passes, till, caller, scansEach);
    const { megabytesMax: whenLate } = await desk.server.report();
    const live = await redeemLive(desk, till, counterCount * scansEach);
    const { megabytesMax: whenLive } = await desk.server.report();
    for (const { wire } of counters) wire.close();
    const contradictions = await ground.sql`select * from consistency()`;
    if (contradictions.length > 0) throw new Error('The figures are of a broken ledger.');
    figure('sync-items', late.perSecond, 'items/s');
    figure('sync-batch-p50', quantile(late.milliseconds, 0.5), 'ms');
    figure('sync-batch-p99', quantile(late.milliseconds, 0.99), 'ms');
    figure('sync-live', live.perSecond, 'redemptions/s');
    figure('sync-live-p99', quantile(live.milliseconds, 0.99), 'ms');
    figure('sync-items-to-live', late.perSecond / live.perSecond, 'ratio');
    figure('sync-memory', whenLate, 'MB', { atMost: megabytesMax });
    figure('sync-live-memory', whenLive, 'MB', { atMost: megabytesMax });
  } finally {
    await desk.close();
  }
}

/** All counters upload at once, each its batches in order; every scan must be accepted. */
async function upload(
  counters: readonly Counter[],
  passes: Passes,
  till: Till,
  caller: Caller,
  scans: number,
): Promise<Times> {
  const requests: Buffer[][] = [];
  for (const counter of counters) {
    const made = await scanOffline(counter, passes, till, scans);
    const path = `/api/devices/${counter.phone.id}/uploads`;
    const batches: Buffer[] = [];
    for (let done = 0; done < scans; done += scansABatch) {
      const signed = await counter.phone.sign(made.slice(done, done + scansABatch));
      batches.push(requestOf(caller, 'POST', path, signed));
    }
    requests.push(batches);
  }
  const milliseconds: number[] = [];
  const start = performance.now();
  await Promise.all(
    counters.map(async ({ wire }, i) => {
      for (const request of requests[i] ?? []) {
        const sentAt = performance.now();
        const { status, body } = await wire.ask(request);
        milliseconds.push(performance.now() - sentAt);
        expectAccepted(status, body);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  return { perSecond: (counters.length * scans) / seconds, milliseconds };
}

function expectAccepted(status: number, body: string): void {
  if (status !== 200) throw new Error(`An upload was answered ${status} ${body}`);
  const { verdicts } = JSON.parse(body) as { verdicts: { verdict: string; reason: string }[] };
  const other = verdicts.find(({ verdict }) => verdict !== 'accepted');
  if (other) throw new Error(`A scan was judged ${other.verdict}: ${other.reason}`);
}

async function redeemLive(desk: Desk, till: Till, count: number): Promise<Times> {
  const wish = { width: counterCount, benefits: till.benefits };
  await desk.redeem(1, wish);
  const milliseconds: number[] = [];
  let seconds = 0;
  while (milliseconds.length < count) {
    const round = await desk.redeem(1, wish);
    milliseconds.push(...Array.from(round.milliseconds));
    seconds += round.milliseconds.length / round.perSecond;
  }
  return { perSecond: milliseconds.length / seconds, milliseconds };
}
