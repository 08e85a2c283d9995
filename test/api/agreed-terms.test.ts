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
