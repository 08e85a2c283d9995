// Risk (I15): what is booked beside a close is in no statement, or lands in a month that is shut already; or a close that
// died half way leaves two statements, or others than it would have written.
import { describe, expect, test } from 'vitest';
import { finishCloses } from '../../api/settlements/finish-close.ts';
import { orm, type Sql, type Transaction } from '../../db/client.ts';
import { buildCity } from '../support/city.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';
import { queued } from '../support/gate.ts';
import { createOriginal } from '../support/original.ts';
import { outcomesOf, redeemOne } from '../support/redeem.ts';
import { type Edits, without } from '../support/vary.ts';

const lastSecond = '2026-03-31T15:59:59Z';
const month = '2026-03-01';

/** A city in the last second of a month, with two uses by two members of one cell. */
const original = await createOriginal(async (sql) => {
  await setClock(sql, lastSecond);
  const city = await buildCity(sql);
  const { userId } = await city.addOfficer(city.unions.root);
  const benefit = await city.addBenefit({ limit: [100, 'total'] });
  const members = [await city.addMember({ cell: 7 }), await city.addMember({ cell: 7 })] as const;
  const at = new Date(lastSecond);
  const [used, other] = [city.item(members[0], benefit, at), city.item(members[1], benefit, at)];
  for (const item of [used, other])
    expect(await redeemOne(sql, item)).toMatchObject({ outcome: 'accepted' });
  const next = city.item(members[0], benefit, at);
  return { userId, used: used.id, other: other.id, next };
});
const { userId, used, other, next } = original.filled;

const begin = (sql: Sql) => sql`select begin_close(${month}, ${userId})`;
const finish = (sql: Sql) => finishCloses({ db: orm(sql) });
const findings = (sql: Sql) => sql`select finding from statement_findings(${month})`;
const booked = async (sql: Sql, redemption: string, kind: string) => {
  const rows = await sql<{ month: string }[]>`
    select month_of(at)::text as month from transfer
    where redemption_id = ${redemption} and kind = ${kind}`;
  return rows.map((row) => row.month);
};

/** A writer, and what it meets after it has read its time: a row of its own id that somebody else has not committed yet. */
type Writer = {
  hold: (tx: Transaction) => Promise<unknown>;
  write: (sql: Sql) => Promise<string>;
  wrote: [redemption: string, kind: string];
};

const said = (work: PromiseLike<unknown>) =>
  Promise.resolve(work).then(
    () => 'done',
    (error: unknown) => String(error),
  );

const writers: Record<string, Writer> = {
  redemption: {
    hold: (tx) => tx`
      insert into redemption
      select (jsonb_populate_record(o, jsonb_build_object('id', ${next.id}::uuid, 'jti', 5))).*
      from redemption o where o.id = ${other}`,
    write: async (sql) => String(await outcomesOf(sql, [next])),
    wrote: [next.id, 'redemption'],
  },
  reversal: {
    hold: (tx) => tx`
      insert into reversal (cell, id, redemption_id, user_id, reason, at)
      select cell, ${next.id}, id, ${userId}, '', clock() from redemption where id = ${other}`,
    write: (sql) =>
      said(
        sql`select reverse_redemption(${sql.json({
          ...{ id: next.id, redemptionId: used, reason: '试一试', user: userId },
          ...{ sessionAt: lastSecond, secondFactorAt: lastSecond },
        })})`,
      ),
    wrote: [used, 'reversal'],
  },
  adjustment: {
    hold: (tx) => tx`lock table account in access exclusive mode`,
    write: (sql) => said(sql`select adjust_redemption(7::smallint, ${used}, 1000)`),
    wrote: [used, 'adjustment'],
  },
};

/** Closes the month when it is over, while a writer stands between its time and its row. */
async function closeBeside(sql: Sql, { hold, write, wrote }: Writer) {
  const gate = await sql.reserve();
  await gate`begin`;
  await hold(gate as unknown as Transaction);
  const writing = write(sql);
  await queued(sql, 1);
  await moveClock(sql, '2 seconds');
  const closed = begin(sql).then(() => finish(sql));
  await Promise.race([closed, queued(sql, 2)]);
  const [shut] = await sql<{ count: number }[]>`select count(*)::int as count from period`;
  await gate`rollback`;
  gate.release();
  const answer = await writing;
  await closed;
  return {
    waited: shut?.count === 0,
    answer,
    booked: await booked(sql, ...wrote),
    findings: (await findings(sql)).length,
  };
}

const barrier: Edits = [['lock table transfer in share row exclusive mode;', '']];
const trigger: Edits = [["p.state <> 'open'", 'false']];

describe('a close waits for whoever has read the time and not yet written', () => {
  test.each(Object.entries(writers))('%s', { timeout: 20_000 }, async (_kind, writer) => {
    await original.onCopy(async (sql) => {
      expect(await closeBeside(sql, writer)).toMatchObject({
        ...{ waited: true, booked: [month], findings: 0 },
        answer: expect.stringMatching(/^(accepted|done)$/) as string,
      });
    });
  });

  test.each(Object.entries(writers))(
    '%s: without waiting, the month refuses',
    async (_, writer) => {
      await original.onCopy(async (sql) => {
        await without(sql, 'begin_close', barrier, async () => {
          expect(await closeBeside(sql, writer)).toMatchObject({
            ...{ waited: false, booked: [], findings: 0 },
            answer: expect.stringContaining('month of a transfer is closed') as string,
          });
        });
      });
    },
  );

  test.each(['redemption', 'reversal'])(
    '%s: and without either, a statement misses it',
    async (kind) => {
      const writer = writers[kind];
      if (!writer) throw new Error(`Nobody writes a ${kind}.`);
      await original.onCopy((sql) =>
        without(sql, 'begin_close', barrier, () =>
          without(sql, 'month_is_open', trigger, async () => {
            const { waited, booked, findings } = await closeBeside(sql, writer);
            expect({ waited, booked, isMissed: findings > 0 }).toEqual({
              ...{ waited: false, booked: [month], isMissed: true },
            });
          }),
        ),
      );
    },
  );
});

test('what is judged anew holds the ledger before it reads its time, also where it booked nothing yet', async () => {
  await original.onCopy((sql) =>
    sql.begin(async (tx) => {
      await tx`select settle_offline('{}')`;
      const [held] = await tx`
        select count(*)::int as count from pg_locks
        where relation = 'transfer'::regclass and mode = 'RowExclusiveLock' and pid = pg_backend_pid()`;
      expect(held).toEqual({ count: 1 });
    }),
  );
});

test('uses at full speed over the edge of a month are in the one or the other', async () => {
  const { sql, connect } = await createDatabase();
  await setClock(sql, lastSecond);
  const city = await buildCity(sql);
  const benefit = await city.addBenefit({
    limit: [10_000, 'total'],
    pools: { shared: 100_000 },
  });
  const members = await Promise.all(Array.from({ length: 16 }, () => city.addMember()));
  const crowd = connect({ max: 16 });
  let accepted = 0;
  let isShut = false;
  const till = async (member: (typeof members)[number]) => {
    for (let after = 0; after < 3; after += isShut ? 1 : 0) {
      const [row] = await crowd<{ at: Date }[]>`select clock() as at`;
      const [outcome] = await outcomesOf(crowd, [city.item(member, benefit, row?.at)]);
      expect(outcome).toBe('accepted');
      accepted += 1;
    }
  };
  const tills = Promise.all(members.map(till));
  while (accepted < 64) await Promise.race([tills, sql`select`]);
  await moveClock(sql, '2 seconds');
  await begin(sql);
  await finish(sql);
  isShut = true;
  await tills;
  const [ledger] = await sql<Record<string, number>[]>`
    select count(*) filter (where month_of(at) = ${month})::int as before, count(*)::int as all,
      (select sum(lines)::int from statement where kind = 'partner') as lines,
      (select sum(debit_fen)::int from statement where kind = 'partner') as fen
    from transfer`;
  const { before = 0 } = ledger ?? {};
  expect(before).toBeGreaterThanOrEqual(64);
  expect(ledger).toEqual({ before, all: accepted, lines: before, fen: before * 4500 });
  expect(await findings(sql)).toEqual([]);
});

test('a run that comes to a day when another one has just closed its month leaves it alone', async () => {
  await original.onCopy(async (sql) => {
    await moveClock(sql, '2 seconds');
    await begin(sql);
    await sql`select add_up_day(day) from unadded_days(${month}) as day`;
    const days = await sql`select * from ledger_day order by day`;
    const late = await sql.begin(async (tx) => {
      await tx`select close_month(${month})`;
      const adding = sql<
        { legs: number | null }[]
      >`select add_up_day('2026-03-31') as legs`.execute();
      await queued(sql, 1);
      return { adding };
    });
    expect(await late.adding).toEqual([{ legs: null }]);
    expect(await sql`select * from ledger_day order by day`).toEqual(days);
  });
});

describe('a close that dies is taken up by the next run, which writes what it would have written', () => {
  const papers = (sql: Sql) => sql`
    select s.month, s.kind, s.union_id, s.other_id, s.partner_id, s.lines, s.debit_fen, s.credit_fen,
      s.hash, p.hash as over_all
    from statement s join period p on p.month = s.month order by s.kind, s.union_id, s.other_id`;
  const deaths: Record<string, (tx: Transaction) => Promise<unknown>> = {
    'at a day': (tx) => tx`
      insert into ledger_day (day, legs, amount_fen) values ('2026-03-15', 0, 0)`,
    'at the statements': (tx) => tx`lock table statement in share mode`,
    'when all is written but its audit entry': (tx) => tx`lock table audit_entry in share mode`,
  };

  test.each(Object.entries(deaths))('%s', async (_when, hold) => {
    const undisturbed = await original.onCopy(async (sql) => {
      await moveClock(sql, '2 seconds');
      await begin(sql);
      await finish(sql);
      return [...(await papers(sql))];
    });
    expect(undisturbed.length).toBeGreaterThan(1);

    await original.onCopy(async (sql) => {
      await moveClock(sql, '2 seconds');
      await begin(sql);
      await sql
        .begin(async (tx) => {
          await hold(tx);
          const dead = said(finish(sql));
          await queued(sql, 1);
          await tx`
            select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`;
          expect(await dead).not.toBe('done');
          throw new Error('let go');
        })
        .catch((error: unknown) => expect(String(error)).toContain('let go'));
      expect(await papers(sql)).toEqual([]);
      await Promise.all([finish(sql), finish(sql)]);
      await finish(sql);
      expect([...(await papers(sql))]).toEqual(undisturbed);
      const [entries] = await sql`
        select count(*)::int as count from audit_entry where action = 'period.close'`;
      expect(entries).toEqual({ count: 1 });
    });
  });
});
