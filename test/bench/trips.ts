import { connect } from '../../db/client.ts';
import { idIn } from '../support/city.ts';
import { figure, median, quantile } from './figure.ts';
import type { Ground } from './ground.ts';
import { openSlowProxy } from './slow-proxy.ts';
import { openTill, Passes } from './till.ts';

const delayMs = 20;
const warmUps = 60;
const measured = 120;

/**
 * How many trips to the database a scan and a redemption wait for on warm Node: their time over HTTP, with 20 ms added
 * to every trip by a proxy of ours, divided by those 20 ms.
 */
export async function trips(ground: Ground): Promise<void> {
  const direct = new URL(ground.url);
  const proxy = await openSlowProxy(Number(direct.port));
  const slow = new URL(ground.url);
  slow.port = String(proxy.port);
  const server = await ground.serve({ databaseUrl: slow.href });
  const { origin } = server.config;
  const till = await openTill(ground.sql, server.config);
  const passes = new Passes(ground.sql, server.config, till.holders);
  const [benefit] = till.benefits;
  const ask = async (method: string, path: string, body: object) => {
    const start = performance.now();
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers: { Origin: origin, Cookie: till.cookie, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    const ms = performance.now() - start;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return { ms, body: JSON.parse(text) as { ticket: string } };
  };
  const wire = connect(slow.href, { max: 1 });
  const times = async (count: number) => {
    const trips: number[] = [];
    const scans: number[] = [];
    const redemptions: number[] = [];
    for (let i = 0; i < count; i += 1) {
      const { holder, claims } = await passes.claim();
      const pass = await passes.show(claims);
      const scan = await ask('POST', '/api/scans', { pass, outlet: till.outlet });
      const { ticket } = scan.body;
      const path = `/api/redemptions/${idIn(holder.cell)}`;
      const redemption = await ask('PUT', path, { ticket, benefit, quantity: 1 });
      const start = performance.now();
      await wire`select 1`;
      trips.push(performance.now() - start);
      scans.push(scan.ms);
      redemptions.push(redemption.ms);
    }
    return { trips, scans, redemptions };
  };
  try {
    // Every connection of the pool has to learn the statements once.
    await times(warmUps);
    const near = await times(measured);
    proxy.delay(delayMs);
    const far = await times(measured);
    figure('trips-scan-p50', median(far.scans) / delayMs, 'trips');
    figure('trips-redeem-p50', median(far.redemptions) / delayMs, 'trips', { atMost: 1.5 });
    // What the delay alone added to the quicker ones: true also where the machine has other work to do.
    const added = (kind: keyof typeof near) => quick(far[kind]) - quick(near[kind]);
    figure('trips-scan-added', added('scans') / added('trips'), 'trips');
    figure('trips-redeem-added', added('redemptions') / added('trips'), 'trips');
  } finally {
    await wire.end();
    await server.stop();
    await proxy.close();
  }
}

function quick(times: readonly number[]): number {
  return quantile(times, 0.1);
}
