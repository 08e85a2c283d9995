import { sql } from 'drizzle-orm';
import { record, type Tx } from '../audit/record.ts';
import type { Services } from '../context.ts';

type Database = Pick<Services, 'db'>;

/** Adding up a busy day of a large city takes seconds; nobody waits for it but the close. */
const secondsADay = 300;
const daysARun = 3;

/**
 * A chore: closes the months that are closing, and adds up days that are over, so that a close finds little to do.
 * Each day is a transaction of its own, so whoever comes after a run that died goes on where it stopped.
 */
export async function finishCloses({ db }: Database): Promise<number> {
  const months = await db.execute<{ month: string }>(sql`
    select month::text as month from period where state = 'closing' order by month`);
  for (const { month } of months) await finishClose(db, month);
  return months.length;
}

async function finishClose(db: Services['db'], month: string): Promise<void> {
  for (const day of await dayList(db, sql`select unadded_days(${month}::date)::text as day`)) {
    await addUp(db, day);
  }
  await db.transaction(async (tx) => {
    await unhurried(tx);
    const [closed] = await tx.execute<{ isDone: boolean }>(sql`
      select close_month(${month}::date) as "isDone"`);
    if (closed?.isDone === true) await recordClose(tx, month);
  });
}

/** The digest over all statements enters the audit chain, and with it every redemption of the month. */
async function recordClose(tx: Tx, month: string): Promise<void> {
  const [made] = await tx.execute<{
    unionId: number;
    closingBy: string | null;
    hash: string;
    statements: number;
  }>(sql`
    select u.id as "unionId", p.closing_by as "closingBy", p.hash,
      (select count(*)::int from statement s where s.month = p.month) as statements
    from period p cross join trade_union u
    where p.month = ${month}::date and u.level = 1 order by u.id limit 1`);
  if (!made) throw new Error('A closed month is gone.');
  await record(tx, {
    userId: made.closingBy ?? 'service',
    unionId: made.unionId,
    action: 'period.close',
    subject: 'period',
    subjectId: month,
    reason: null,
    before: { state: 'closing' },
    after: { state: 'closed', statements: made.statements, hash: made.hash },
  });
}

/** A chore: adds up some of the days since the last close that are over and were never added up. */
export async function addUpDays({ db }: Database): Promise<number> {
  const days = await dayList(
    db,
    sql`
      select g.at::date::text as day
      from (
        select coalesce(
          (select max(p.month) + interval '1 month' from period p where p.state = 'closed'),
          (select min(m.month) from ledger_months() m where exists (select from transfer))) as since
      ) s
      cross join lateral generate_series(
        s.since::date, (clock() at time zone 'Asia/Shanghai')::date - 1, interval '1 day') as g (at)
      where not exists (select from ledger_day d where d.day = g.at::date)
      order by g.at limit ${daysARun}`,
  );
  for (const day of days) await addUp(db, day);
  return days.length;
}

async function dayList(db: Services['db'], query: ReturnType<typeof sql>): Promise<string[]> {
  return db.transaction(async (tx) => {
    await unhurried(tx);
    const rows = await tx.execute<{ day: string }>(query);
    return rows.map(({ day }) => day);
  });
}

const addUp = (db: Services['db'], day: string) =>
  db.transaction(async (tx) => {
    await unhurried(tx);
    await tx.execute(sql`select add_up_day(${day}::date)`);
  });

const unhurried = (tx: Tx) =>
  tx.execute(sql`select set_config('statement_timeout', ${`${secondsADay}s`}, true)`);
