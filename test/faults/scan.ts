import { z } from 'zod';
import { idIn } from '../support/city.ts';
import { passOf } from '../support/counter.ts';
import type { ApiProcess } from './api-process.ts';
import type { Order } from './put.ts';
import type { Stage } from './stage.ts';

const triesMax = 50;
const seen = z.object({ ticket: z.string(), cell: z.int() });

/** Orders for now, whose passes were really scanned, each at a process by lot. */
export async function scanOrders(stage: Stage, count: number): Promise<Order[]> {
  const { apis, offer, random, till } = stage;
  const orders: Order[] = [];
  for (let i = 0; i < count; i += 1) {
    const benefit = i === 0 ? offer.scarce : random.pick(offer.plenty);
    orders.push(await scan(stage, () => random.pick(apis), await till.show(), benefit));
  }
  return orders;
}

/** A member's pass that one process made, scanned at another. */
export async function crossOver(
  stage: Stage,
  key: string,
  from: ApiProcess,
  to: ApiProcess,
): Promise<Order> {
  const member = await stage.signIn(from, key);
  const put = { phoneLabel: '演练', takeover: true };
  await member.ask('POST', '/api/me/card/enrolment', put);
  const { url } = await passOf({ phone: member });
  return scan(stage, () => to, url, stage.random.pick(stage.offer.plenty));
}

/** It changes nothing: where one process has no answer, the next one is asked. */
async function scan(
  stage: Stage,
  at: () => ApiProcess,
  pass: string,
  benefit: number,
): Promise<Order> {
  const { cookie, outlet } = stage.till;
  let said = '';
  for (let tries = 0; tries < triesMax; tries += 1) {
    const response = await fetch(`${at().url}/api/scans`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Cookie: cookie },
      body: JSON.stringify({ pass, outlet }),
    }).catch(() => null);
    const body: unknown = await response?.json();
    if (response?.ok) {
      const { ticket, cell } = seen.parse(body);
      return { id: idIn(cell), benefit, ticket };
    }
    said = `${response?.status ?? 'nothing'} ${JSON.stringify(body)}`;
    if (response && response.status !== 503) break;
  }
  throw new Error(`A scan met ${said}.`);
}
