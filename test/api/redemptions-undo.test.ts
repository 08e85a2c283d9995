// Risk: an undo happens twice, too late, by a stranger, or gives back what it should not.
import { expect, test } from 'vitest';
import { idIn } from '../support/city.ts';
import { expectStatus, openCounter, passOf, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city, till, app } = counter;

async function used(benefit: number): Promise<number> {
  const [row] = await sql<{ used: number }[]>`
    select sum(used)::int as used from allocation where benefit_id = ${benefit}`;
  return row?.used ?? -1;
}

test('of twenty undos at once one is done, and the unit comes back once', async () => {
  const benefit = await city.addBenefit({ quantityMax: 3, limit: [3, 'day'] });
  const holder = await counter.addHolder();
  const { id } = await counter.redeem(holder, benefit, 3);
  expect(await used(benefit)).toBe(3);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      till.post(`/api/redemptions/${id}/reversal`, { id: idIn(holder.cell), reason: '重复' }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)]);
  expect(await used(benefit)).toBe(0);
});

test('an undo does not free the pass, but the member’s limit', async () => {
  const benefit = await city.addBenefit();
  const holder = await counter.addHolder();
  const { id, ticket } = await counter.redeem(holder, benefit);
  const reversal = { id: idIn(holder.cell), reason: '顾客改主意' };
  await expectStatus(till.post(`/api/redemptions/${id}/reversal`, reversal), 201);
  const again = till.put(`/api/redemptions/${idIn(holder.cell)}`, { ticket, benefit, quantity: 1 });
  expect(await problemOf(again)).toMatchObject({ code: 'pass_already_used' });
  const { benefits } = await counter.scan({ pass: (await passOf(holder)).url });
  expect(benefits.find((offer) => offer.id === benefit)).toMatchObject({ memberLeft: 1 });
});

test('a stranger, another outlet’s operator and the member himself hear the same as for no such id', async () => {
  const benefit = await city.addBenefit();
  const holder = await counter.addHolder();
  const { id } = await counter.redeem(holder, benefit);
  const elsewhere = await city.addOutlet(city.outlet.partner, city.unions.home);
  const stranger = await city.addOperator(city.outlet.partner, [elsewhere]);
  const strangerTill = await app.signInAs(stranger.userId);
  const reversal = () => ({ id: idIn(holder.cell), reason: 'x' });
  const bodies = [];
  for (const answer of [
    strangerTill.post(`/api/redemptions/${id}/reversal`, reversal()),
    strangerTill.post(`/api/redemptions/${idIn(holder.cell)}/reversal`, reversal()),
    holder.phone.post(`/api/redemptions/${id}/reversal`, reversal()),
  ]) {
    const { requestId, ...body } = await problemOf(answer);
    expect(requestId).toBeTruthy();
    bodies.push(body);
  }
  expect(bodies[0]).toMatchObject({ status: 404, code: 'not_found' });
  expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
  expect(await used(benefit)).toBe(1);
});

test('the outlet undoes for a quarter of an hour', async () => {
  const benefit = await city.addBenefit();
  const holder = await counter.addHolder();
  const { id } = await counter.redeem(holder, benefit);
  await sql`alter table redemption disable trigger redemption_row_is_final`;
  await sql`
    update redemption set at = at - interval '15 minutes 1 second',
      booked_at = booked_at - interval '15 minutes 1 second' where id = ${id}`;
  await sql`alter table redemption enable trigger redemption_row_is_final`;
  const reversal = { id: idIn(holder.cell), reason: 'x' };
  expect(await problemOf(till.post(`/api/redemptions/${id}/reversal`, reversal))).toMatchObject({
    status: 422,
    code: 'reversal_too_late',
  });
  const today = await expectStatus<{ items: { id: string; canReverse: boolean }[] }>(
    till.get(`/api/outlets/${city.outlet.id}/redemptions`),
    200,
  );
  expect(today.items.find((item) => item.id === id)?.canReverse ?? false).toBe(false);
});

test('the id of an undo carries the redemption’s cell, and stands for one undo', async () => {
  const benefit = await city.addBenefit({ limit: [9, 'day'] });
  const holder = await counter.addHolder({ cell: 9 });
  const { id } = await counter.redeem(holder, benefit);
  const other = await counter.redeem(await counter.addHolder({ cell: 9 }), benefit);
  expect(
    await problemOf(till.post(`/api/redemptions/${id}/reversal`, { id: idIn(8), reason: 'x' })),
  ).toMatchObject({ status: 400, code: 'id_not_of_card' });
  const reversal = { id: idIn(9), reason: 'x' };
  await expectStatus(till.post(`/api/redemptions/${id}/reversal`, reversal), 201);
  for (const answer of [
    till.post(`/api/redemptions/${other.id}/reversal`, reversal),
    till.post(`/api/redemptions/${id}/reversal`, { ...reversal, reason: 'y' }),
  ])
    expect(await problemOf(answer)).toMatchObject({
      status: 409,
      code: 'exists_with_different_content',
    });
});

test('the day’s list counts what was redeemed here today and not undone', async () => {
  const outlet = await city.addOutlet(city.outlet.partner, city.unions.host);
  await sql`insert into operator_outlet values (${city.operator.id}, ${outlet.id})`;
  const benefit = await city.addBenefit({ quantityMax: 2, limit: [2, 'day'], price: 300 });
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    const holder = await counter.addHolder();
    const { ticket } = await counter.scan({ pass: (await passOf(holder)).url }, outlet.id);
    const id = idIn(holder.cell);
    await expectStatus(till.put(`/api/redemptions/${id}`, { ticket, benefit, quantity: 2 }), 201);
    if (i === 0)
      await till.post(`/api/redemptions/${id}/reversal`, { id: idIn(holder.cell), reason: 'x' });
    ids.unshift(id);
  }
  const today = await expectStatus(till.get(`/api/outlets/${outlet.id}/redemptions`), 200);
  expect(today).toMatchObject({
    count: 2,
    quantity: 4,
    amountFen: 1200,
    items: [
      { id: ids[0], reversedAt: null, canReverse: true, quantity: 2, priceFen: 300 },
      { id: ids[1], reversedAt: null },
      { id: ids[2], reversedAt: expect.any(String), canReverse: false },
    ],
  });
  expect(JSON.stringify(today)).not.toContain('小明');
  const foreign = await city.addOutlet(await city.addPartner(city.unions.host), city.unions.host);
  for (const id of [foreign.id, 2_000_000_000, 0])
    expect(await problemOf(till.get(`/api/outlets/${id}/redemptions`))).toMatchObject({
      status: 404,
      code: 'not_found',
    });
});
