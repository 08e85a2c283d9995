// Risk: a line that was brought to nothing is paid with an older statement, or one held back is lost or paid twice.
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { Clearing, monthAgo, type Statement } from '../support/clearing.ts';
import { createDatabase } from '../support/database.ts';
import { without } from '../support/vary.ts';

const { sql } = await createDatabase();
const city = await Clearing.open(sql);
const { at, manager } = city.desk;
const { home, host } = city.desk.city.unions;
const [month, before, early, first] = [monthAgo(1), monthAgo(2), monthAgo(3), monthAgo(4)];
const reason = '查过了';

await city.usedAt(`${first.slice(0, 8)}20T04:00:00Z`, [[city.own, 1]]);
const [earlyUse = ''] = await city.usedAt(`${early.slice(0, 8)}20T04:00:00Z`, [[city.own, 1]]);
await city.usedAt(`${before.slice(0, 8)}20T04:00:00Z`, [[city.own, 1]]);
const [undone = '', released = '', kept = '', late = ''] = await city.usedAt(
  `${month.slice(0, 8)}20T04:00:00Z`,
  [
    [city.own, 1],
    [city.own, 2],
    [city.own, 3],
    [city.own, 4],
    [city.own, 5],
  ],
);
const done = async (answer: Promise<Response>) => {
  const answered = await answer;
  if (!answered.ok) throw new Error(await answered.text());
  return answered.json();
};
const invoice = ({ id }: Statement, number: string) =>
  done(at.host.put(`/api/statements/${id}/invoice`, { number }));
/** Disputed by the home district, and accepted as this. */
const adjust = async (of: string, redemption: string, claimedFen: number, correctedFen: number) => {
  const pair = await city.statementOf(of, home, host);
  const claim = { union: home, redemption, claimedFen, reason };
  const raised = (await done(at.home.post(`/api/statements/${pair.id}/disputes`, claim))) as {
    id: number;
  };
  const said = { decision: 'accept', correctedFen, reason };
  await done(at.host.post(`/api/disputes/${raised.id}/answer`, said));
};
const hold = (one: Statement, redemption: string, method: 'put' | 'delete' = 'put') =>
  done(at.host[method](`/api/statements/${one.id}/suspensions/${redemption}`, { reason }));
const carried = async ({ id }: Statement) => {
  const rows = await sql<{ fen: number }[]>`
    select amount_fen::int as fen from carried_by(${id}) order by 1`;
  return rows.map(({ fen }) => fen);
};

test('what is adjusted after its invoice comes with the adjustment, what is only released with any', async () => {
  for (const one of [first, early, before, month]) await city.close(one);
  const older = await city.statementOf(before, host, 'partner');
  const own = await city.statementOf(month, host, 'partner');
  for (const redemption of [undone, released, kept, late]) await hold(own, redemption);
  expect(await invoice(own, '24312000000000000001')).toMatchObject({ payableFen: 22_500 });
  await adjust(month, undone, 0, 0);
  await hold(own, released, 'delete');
  // Told that it is right as it is: nothing is booked, so no later statement need ever come.
  await adjust(month, kept, 0, 13_500);
  await hold(own, late, 'delete');
  expect(await carried(older)).toEqual([9000, 13_500, 18_000]);
  await adjust(month, late, 6000, 6000);
  expect(await carried(older)).toEqual([9000, 13_500]);
  await without(sql, 'carried_by', [["'adjustment'", "'none'"]], async () => {
    expect(await carried(older)).toEqual([4500, 9000, 13_500, 18_000]);
  });
  await adjust(early, earlyUse, 0, 0);
  expect(await invoice(older, '24312000000000000002')).toMatchObject({ payableFen: 27_000 });

  // The partner is used no more: its statement of this month is the adjustments alone.
  const next = await city.closeRunning(host);
  expect(next).toMatchObject({ redemptions: 0, debitFen: -21_000, carriedFen: 22_500 });
  expect(await invoice(next, '24312000000000000003')).toMatchObject({ payableFen: 1500 });
  const { suspensions } = (await done(manager.get(`/api/statements/${own.id}`))) as {
    suspensions: { redemptionId: string; carriedTo: number }[];
  };
  expect(suspensions.map(({ redemptionId, carriedTo }) => [redemptionId, carriedTo])).toEqual([
    [undone, next.id],
    [released, older.id],
    [kept, older.id],
    [late, next.id],
  ]);
});

test('what comes back of it is settled: a line that is released then comes with any statement', async () => {
  const [oldest, own] = [
    await city.statementOf(first, host, 'partner'),
    await city.statementOf(early, host, 'partner'),
  ];
  await hold(own, earlyUse);
  expect(await invoice(own, '24312000000000000004')).toMatchObject({ payableFen: 0 });
  await hold(own, earlyUse, 'delete');
  expect(await invoice(oldest, '24312000000000000005')).toMatchObject({ payableFen: 9000 });
});

test('the papers add up: what was paid is what the statements owe, to the fen', async () => {
  const file = await (await manager.get('/api/statements.csv')).text();
  const { data } = Papa.parse<Record<string, string>>(file.replace(/^\uFEFF/, '').trimEnd(), {
    header: true,
  });
  const sum = (name: string) => data.reduce((fen, row) => fen + Number(row[name]), 0);
  expect(data).toHaveLength(5);
  for (const row of data)
    expect(Number(row['payable_fen'])).toBe(
      Number(row['debit_fen']) - Number(row['suspended_fen']) + Number(row['carried_fen']),
    );
  expect(sum('payable_fen')).toBe(sum('debit_fen'));
});
