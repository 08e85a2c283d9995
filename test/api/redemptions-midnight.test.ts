// Risk: midnight takes a redemption out of sight while it can still be undone, or puts it into the next day's sums.
import { expect, test } from 'vitest';
import { idIn } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { expectStatus, openCounter, passOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const beijing = (time: string) => setClock(sql, new Date(`2026-11-${time}+08:00`).toISOString());
await beijing('23T23:40:00');
const counter = await openCounter(sql);
const { city, till } = counter;

type Today = { count: number; amountFen: number; items: { id: string; canReverse: boolean }[] };

async function todayAt(time: string): Promise<Today> {
  await beijing(time);
  return expectStatus<Today>(till.get(`/api/outlets/${city.outlet.id}/redemptions`), 200);
}

test('what can still be undone stays listed over midnight, and counts for its own day', async () => {
  const benefit = await city.addBenefit();
  const [early, late] = [await counter.addHolder(), await counter.addHolder()];

  await beijing('23T23:55:00');
  const { id } = await counter.redeem(early, benefit);
  await beijing('23T23:58:00');
  const { ticket } = await counter.scan({ pass: (await passOf(late)).url });
  const next = idIn(late.cell);
  await beijing('24T00:01:00');
  await expectStatus(till.put(`/api/redemptions/${next}`, { ticket, benefit, quantity: 1 }), 201);

  expect(await todayAt('23T23:59:59')).toMatchObject({ count: 2 });
  const both = [
    { id: next, canReverse: true },
    { id, canReverse: true },
  ];
  for (const time of ['24T00:05:00', '24T00:10:00'])
    expect(await todayAt(time)).toMatchObject({ count: 0, amountFen: 0, items: both });
  expect((await todayAt('24T00:10:01')).items).toMatchObject([{ id: next }]);

  const reversal = { id: idIn(late.cell), reason: '顾客改主意' };
  await beijing('24T00:16:00');
  await expectStatus(till.post(`/api/redemptions/${next}/reversal`, reversal), 201);
  expect((await todayAt('24T00:16:00')).items).toMatchObject([{ id: next, canReverse: false }]);
  expect(await todayAt('24T00:16:01')).toMatchObject({ count: 0, items: [] });
});
