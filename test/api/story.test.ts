// Risk: the one path everything hangs on breaks: show, scan, redeem, hear of it, undo.
import { expect, test } from 'vitest';
import { idIn } from '../support/city.ts';
import { expectStatus, openCounter, passOf, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city, till } = counter;

type News = { events: Record<string, unknown>[]; card: { status: string } | null; next: string };

test('a member of one district uses a benefit in another, hears of it, and gets it back', async () => {
  const { home } = city.unions;
  const benefit = await city.addBenefit({ pools: { [home]: 1, shared: 0 } });
  const holder = await counter.addHolder({ name: '欧阳小明' });
  const first = await expectStatus<News>(holder.phone.get('/api/me/events'), 200);
  expect(first).toMatchObject({ events: [], card: { status: 'live' } });

  const pass = await passOf(holder);
  const scanned = await counter.scan({ pass: pass.url });
  expect(scanned.holder).toEqual({ maskedName: '欧＊' });
  expect(scanned.benefits).toMatchObject([{ id: benefit, reason: null, quotaLeft: 1 }]);
  const id = idIn(scanned.cell);
  const wanted = { ticket: scanned.ticket, benefit, quantity: 1 };
  const redeemed = await expectStatus(till.put(`/api/redemptions/${id}`, wanted), 201);
  expect(redeemed).toEqual({
    id,
    at: scanned.scannedAt,
    benefit,
    quantity: 1,
    priceFen: 4500,
    coPaymentFen: 0,
    memberLeft: 0,
  });

  const news = await expectStatus<News>(
    holder.phone.get(`/api/me/events?after=${first.next}`),
    200,
  );
  expect(news.events).toMatchObject([
    {
      type: 'redemption',
      id,
      benefit: { id: benefit, titleZh: '电影票' },
      outlet: { districtZh: expect.any(String) },
      left: { count: 0, period: 'day' },
      reversedAt: null,
      alerted: false,
    },
  ]);
  const today = await expectStatus<{ count: number; amountFen: number }>(
    till.get(`/api/outlets/${city.outlet.id}/redemptions`),
    200,
  );
  expect(today).toMatchObject({
    count: 1,
    amountFen: 4500,
    items: [{ id, canReverse: true, maskedName: '欧＊' }],
  });

  const again = await problemOf(till.put(`/api/redemptions/${idIn(holder.cell)}`, wanted));
  expect(again).toMatchObject({
    status: 422,
    code: 'pass_already_used',
    at: scanned.scannedAt,
    districtZh: expect.any(String),
  });

  const undo = { id: idIn(holder.cell), reason: '扫错了' };
  await expectStatus(till.post(`/api/redemptions/${id}/reversal`, undo), 201);
  await expectStatus(till.post(`/api/redemptions/${id}/reversal`, undo), 200);
  const after = await expectStatus<News>(
    holder.phone.get(`/api/me/events?after=${news.next}`),
    200,
  );
  expect(after.events).toMatchObject([{ type: 'reversal', id, left: { count: 1 } }]);
  const [allocation] = await sql`
    select used from allocation where benefit_id = ${benefit} and district_id = ${home}`;
  expect(allocation).toEqual({ used: 0 });
});
