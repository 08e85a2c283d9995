// Risk: the overview counts what was undone or is older, or shows a union more than it pays for or hosts.
import { beforeAll, expect, test } from 'vitest';
import type { Overview } from '../../api/unions/overview.ts';
import type { Browser } from '../support/app.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';
import { rolled } from '../support/rolled.ts';

const { sql } = await createDatabase();
const desk = await openConsole(sql);
const other = await openConsole(sql);
const { root, home, host } = desk.city.unions;
const priceFen = 4500;

type Counts = [redemptions: number, quantity: number, across: number];

// Members of the home district at the host district's outlet: three days ago one use, and today one of two units that
// takes home's last places, one that is undone, and one of the shared places.
beforeAll(async () => {
  await setClock(sql, new Date().toISOString());
  const benefit = await desk.addCityBenefit({ home: 3, host: 10, shared: 10 });
  await desk.redeem(benefit);
  const at = new Date(Date.now() + 3 * 86_400_000).toISOString();
  await setClock(sql, at);
  await desk.redeem(benefit, 2, { at });
  await desk.redeem(benefit, 1, { at });
  await desk.undo(await desk.redeem(benefit, 1, { at }));
  await other.redeem(await other.addCityBenefit(), 1, { at });
});

async function read(browser: Browser, union: number, days: number): Promise<Overview> {
  const answer = await browser.get(`/api/unions/${union}/overview?days=${days}`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Overview;
}

const counts = ({ total }: Overview): Counts => [total.redemptions, total.quantity, total.across];

test('the days asked for are counted up to now, and today apart', async () => {
  expect(counts(await read(desk.at.city, root, 1))).toEqual([2, 3, 2]);
  expect(counts(await read(desk.at.city, root, 3))).toEqual([2, 3, 2]);
  const overview = await read(desk.at.city, root, 4);
  expect(counts(overview)).toEqual([3, 4, 3]);
  expect(overview.total.amountFen).toBe(4 * priceFen);
  expect(overview.today).toEqual({ redemptions: 2, quantity: 3, amountFen: 3 * priceFen });
});

test('who pays sees his places, who hosts sees his outlets, and the city sees both once', async () => {
  expect(counts(await read(desk.at.home, home, 30))).toEqual([2, 3, 2]);
  expect(counts(await read(desk.at.host, host, 30))).toEqual([3, 4, 3]);
  expect(counts(await read(desk.at.city, home, 30))).toEqual([2, 3, 2]);
  expect(counts(await read(other.at.city, other.city.unions.root, 30))).toEqual([1, 1, 1]);
});

test('the list at a union’s desk is as long as its overview says, whoever sits there', async () => {
  const listed = async (browser: Browser, union: number) => {
    const answer = await browser.get(`/api/redemptions?state=booked&union=${union}`);
    return ((await answer.json()) as { redemptions: unknown[] }).redemptions.length;
  };
  expect(await listed(desk.at.city, root)).toBe(3);
  expect(await listed(desk.at.city, home)).toBe(2);
  expect(await listed(desk.at.city, host)).toBe(3);
  expect(await listed(desk.at.home, host)).toBe(2);
  expect(await listed(other.at.city, home)).toBe(0);
});

test('the same is said from the counts by day as off the live tables', async () => {
  const live = await read(desk.at.city, root, 30);
  await moveClock(sql, '5 minutes');
  await rolled(sql);
  expect(await read(desk.at.city, root, 30)).toEqual(live);
  const [counted] = await sql`select sum(redemptions)::int as uses from use_day`;
  expect(counted).toEqual({ uses: live.total.redemptions + 1 });
});

test('every district of the city is listed, and what went from one to another', async () => {
  const { hosts, flows } = await read(desk.at.viewer, home, 30);
  expect(Object.fromEntries(hosts.map((one) => [one.id, one.redemptions]))).toEqual({
    [home]: 0,
    [host]: 2,
  });
  expect(flows).toMatchObject([{ home: { id: home }, host: { id: host }, redemptions: 2 }]);
});

test('alerts of the union and of those below it count until they are closed', async () => {
  const [alert] = await sql<{ id: number }[]>`
    insert into alert (kind, cell, redemption_id, union_id, raised_at)
    select 'not_me', r.cell, r.id, a.union_id, clock()
    from redemption r join allocation a on a.id = r.allocation_id
    where a.union_id = ${home} limit 1
    returning id`;
  expect((await read(desk.at.city, root, 30)).openAlerts).toBe(1);
  expect((await read(desk.at.host, host, 30)).openAlerts).toBe(0);
  await sql`update alert set closed_at = clock(), close_reason = '已核实' where id = ${alert?.id ?? 0}`;
  expect((await read(desk.at.city, root, 30)).openAlerts).toBe(0);
});
