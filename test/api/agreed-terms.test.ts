// Risk: a cap that comes late counts nothing of what was used before, so that it is overrun and undoing fails; or a rule
// that changes after the admission charges a district that never agreed.
import { expect, test } from 'vitest';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const desk = await openConsole(sql);
const { root, home, host } = desk.city.unions;
const { partner } = desk.city.outlet;
const reason = '约定';

test('a first cap counts what was used before it, and what is undone afterwards', async () => {
  const benefit = await desk.city.addBenefit({ pools: { shared: 10 } });
  const first = await desk.redeem(benefit);
  await desk.redeem(benefit);
  const capped = (cap: number | null) =>
    desk.at.city.put(`/api/benefits/${benefit}/partners/${partner}`, { cap, reason });
  expect((await (await capped(1)).json()) as unknown).toMatchObject({ code: 'cap_below_used' });
  expect((await capped(2)).status).toBe(200);
  await expect(desk.redeem(benefit)).rejects.toThrow('partner_cap_reached');
  await desk.undo(first);
  await desk.redeem(benefit);
  // Without one nothing is counted; the next one counts anew.
  expect((await capped(null)).status).toBe(200);
  const uncounted = await desk.redeem(benefit);
  expect((await capped(3)).status).toBe(200);
  await desk.undo(uncounted);
  const [counted] = await sql`
    select used, used_on_day from benefit_partner where benefit_id = ${benefit}`;
  expect(counted).toEqual({ used: 2, used_on_day: 2 });
});

test('a rule or price set after the admission charges no partner’s district more than it agreed to', async () => {
  const benefit = await desk.city.addBenefit({ union: home, price: 1000, pools: {} });
  const path = `/api/benefits/${benefit}`;
  const headquarters = (parts: number) => [
    { payer: 'owner', parts: 10 - parts },
    { payer: 'headquarters', parts },
  ];
  let version = 1;
  const change = async (what: Record<string, unknown>) => {
    const changed = await desk.at.home.patch(`${path}/terms`, { version, reason, ...what });
    const answer = (await changed.json()) as { code?: string; version: number };
    if (changed.ok) version = answer.version;
    return answer.code ?? 'changed';
  };
  expect(await change({ funding: headquarters(5) })).toBe('payer_not_yours');
  // As if it had been so when the host district agreed to ten uses.
  const [agreed = { charged: 0 }] = await sql<{ charged: number }[]>`
    with ruled as (update benefit set funding = ${sql.json(headquarters(5))} where id = ${benefit})
    update benefit_partner set cap = 10 where benefit_id = ${benefit} returning 1 as charged`;
  expect(agreed.charged).toBe(1);
  expect(await change({ funding: headquarters(6) })).toBe('payer_not_yours');
  expect(await change({ priceFen: 1001, faceValueFen: 2000 })).toBe('payer_not_yours');
  expect(await change({ funding: headquarters(4) })).toBe('changed');
  expect(await change({ priceFen: 900 })).toBe('changed');
});

test('the city, which stands above the district, charges it only up to a cap', async () => {
  const benefit = await desk.city.addBenefit({ union: root, price: 1000, pools: {} });
  const charge = () =>
    desk.at.city.patch(`/api/benefits/${benefit}/terms`, {
      version: 1,
      reason,
      funding: [{ payer: 'host', parts: 1 }],
    });
  expect(await (await charge()).json()).toMatchObject({ fields: [{ field: 'funding' }] });
  await desk.at.city.put(`/api/benefits/${benefit}/partners/${partner}`, { cap: 5, reason });
  expect((await charge()).status).toBe(200);
  const [held] = await sql`
    select g.union_id, r.unit_fen::int as fen from reservation r join budget g on g.id = r.budget_id
    where r.benefit_id = ${benefit} and r.released_at is null`;
  expect(held).toEqual({ union_id: host, fen: 1000 });
});
