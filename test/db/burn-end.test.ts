// Risk: a union is told that its money lasts when it does not.
import { expect, test } from 'vitest';
import { buildCity } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
const { root } = city.unions;

const endOf = async (leftFen: number, year = 2026) => {
  const [row] = await sql<{ day: string | null }[]>`
    select burn_end(${root}, ${year}, ${leftFen})::text as day`;
  return row?.day;
};

test('the end is where the pace of four weeks leads, and nobody who spends nothing has one', async () => {
  await setClock(sql, '2026-11-01T04:00:00Z');
  expect(await endOf(100_00)).toBeNull();
  const benefit = await city.addBenefit({ limit: [99, 'total'], price: 28_00 });
  const item = city.item(await city.addMember(), benefit, new Date('2026-11-01T04:00:00Z'));
  await sql`select from redeem(${sql.json([item])})`;
  // Today's own is not counted: the day is not over.
  expect(await endOf(100_00)).toBeNull();
  await setClock(sql, '2026-11-11T04:00:00Z');
  // 28 yuan in 28 days: a yuan a day.
  expect([await endOf(20_00), await endOf(0), await endOf(-5)]).toEqual([
    ...['2026-12-01', '2026-11-11', '2026-11-11'],
  ]);
  // It lasts to the end of the year, or is no money of this year.
  expect([await endOf(50_00), await endOf(51_00), await endOf(0, 2027)]).toEqual([
    '2026-12-31',
    null,
    null,
  ]);
  await setClock(sql, '2026-11-30T04:00:00Z');
  expect(await endOf(20_00)).toBeNull();
});
