// Risk: a line that was held back is released while the invoice is taken, and is paid with neither it nor the next one; or
// one invoice is paid with two statements.
import { expect, test } from 'vitest';
import { Clearing, monthAgo } from '../support/clearing.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';
import { queued, race } from '../support/gate.ts';

const { sql } = await createDatabase();
const city = await Clearing.open(sql);
const { at } = city.desk;
const { home, host } = city.desk.city.unions;
const [month, ...earlier] = [1, 2, 3, 4, 5].map(monthAgo) as [string, ...string[]];
const reason = '查过了';

for (const one of earlier) await city.usedAt(`${one.slice(0, 8)}20T04:00:00Z`, [[city.own, 1]]);

test('a line released by an adjustment beside the invoice is left to another one', async () => {
  const [held = ''] = await city.usedAt(`${month.slice(0, 8)}20T04:00:00Z`, [
    [city.own, 1],
    [city.own, 2],
  ]);
  for (const one of [...earlier.toReversed(), month]) await city.close(one);
  const owed = await city.statementOf(month, host, 'partner');
  const pair = await city.statementOf(month, home, host);
  await at.host.put(`/api/statements/${owed.id}/suspensions/${held}`, { reason });
  const raised = await at.home.post(`/api/statements/${pair.id}/disputes`, {
    ...{ union: home, redemption: held, claimedFen: 1000, reason },
  });
  const { id } = (await raised.json()) as { id: number };
  const [invoiced, accepted] = await race(
    sql,
    2,
    (tx) => tx`select from suspension for update`,
    () => [
      at.host.put(`/api/statements/${owed.id}/invoice`, { number: '24312000000012345678' }),
      queued(sql, 1).then(() =>
        at.host.post(`/api/disputes/${id}/answer`, { decision: 'accept', reason }),
      ),
    ],
  );
  expect([invoiced?.status, accepted?.status]).toEqual([200, 200]);
  expect(await invoiced?.json()).toMatchObject({ payableFen: 9000 });
  expect(await sql`select carried_to from suspension`).toEqual([{ carried_to: null }]);
});

test('what is adjusted while a month closes is booked in the next one', async () => {
  const last = `${monthAgo(0).slice(0, 8)}01T00:00:01+08:00`;
  const [use = ''] = await city.usedAt(last, [[city.own, 1]]);
  const next = new Date(Date.parse(monthAgo(0)) + 40 * 86_400_000).toISOString().slice(0, 8);
  await setClock(sql, last);
  const [adjusted] = await race(
    sql,
    1,
    async (tx) => {
      await tx`lock table transfer in share row exclusive mode`;
      await tx`
        insert into period (month, state, closing_at) values (${monthAgo(0)}, 'closing', clock())`;
      // Seen by all as soon as this lets go, as is that the month is over.
      await tx`update public.test_clock set at = ${`${next}01T00:00:00+08:00`}`;
    },
    () => [
      sql<{ fen: number }[]>`
        select adjust_redemption(cell_of(${use}::uuid), ${use}::uuid, 0)::int as fen`.execute(),
    ],
  );
  expect(adjusted).toEqual([{ fen: 4500 }]);
});

/** Two statements of one union get this invoice at the same moment, each in a connection of its own. */
async function invoiceBoth(months: string[], number: string) {
  const owed = await Promise.all(months.map((one) => city.statementOf(one, host, 'partner')));
  const answers = await race(
    sql,
    owed.length,
    (tx) => tx`lock table suspension in exclusive mode`,
    () => owed.map(({ id }) => at.host.put(`/api/statements/${id}/invoice`, { number })),
  );
  const taken = await sql`select id from statement where invoice_number = ${number}`;
  return { statuses: answers.map(({ status }) => status).sort(), answers, taken: taken.length };
}

test('of two statements that get one invoice at once exactly one has it', async () => {
  const { statuses, answers, taken } = await invoiceBoth(
    earlier.slice(0, 2),
    '24312000000012345680',
  );
  expect([statuses, taken]).toEqual([[200, 409], 1]);
  const refused = await answers.find(({ status }) => status === 409)?.json();
  expect(refused).toMatchObject({ code: 'invoice_used' });
});

test('without its constraint both have it', async () => {
  await sql`alter table statement drop constraint statement_invoice`;
  const { statuses, taken } = await invoiceBoth(earlier.slice(2), '24312000000012345681');
  expect([statuses, taken]).toEqual([[200, 200], 2]);
});
