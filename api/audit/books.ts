import { sql } from 'drizzle-orm';
import type { Orm } from '../../db/client.ts';
import { sealActions } from './record.ts';

export type DayFault = {
  fault: 'resealed' | 'unsealed' | 'claims_resealed' | 'claims_unsealed';
  chainId: number;
  union: string;
  entryId: number | null;
};

export type MonthFault = { finding: string; subject: string };

const secondsEach = 600;

/** Each sealed day with what of it is not what its seals say, oldest first; of all chains, or of one. */
export async function* verifyDays(
  db: Orm,
  chainId: number | null,
): AsyncGenerator<{ day: string; faults: DayFault[] }> {
  const days = await db.execute<{ day: string }>(sql`
    select distinct subject_id as day from audit_entry
    where subject = 'day' and action = any(${sql.param(sealActions)}::text[]) order by 1`);
  for (const { day } of days) {
    const faults = await unhurried<DayFault>(
      db,
      sql`select f.fault, f.chain_id as "chainId", u.name_zh as union, f.entry_id as "entryId"
        from seal_faults(${day}::date, ${chainId}::int) f join trade_union u on u.id = f.chain_id`,
    );
    yield { day, faults };
  }
}

/** Each closed month with what its statements, the ledger and the digest in the audit contradict each other in. */
export async function* verifyMonths(
  db: Orm,
): AsyncGenerator<{ month: string; faults: MonthFault[] }> {
  const months = await db.execute<{ month: string; isOther: boolean }>(sql`
    select p.month::text as month, exists (
      select from audit_entry e
      where e.subject = 'period' and e.subject_id = p.month::text and e.action = 'period.close'
        and e.after ->> 'hash' is distinct from p.hash) as "isOther"
    from period p where p.state = 'closed' order by p.month`);
  for (const { month, isOther } of months) {
    const found = await unhurried<MonthFault>(
      db,
      sql`select finding, subject from statement_findings(${month}::date)`,
    );
    const other = { finding: 'a month is not what the audit says of its close', subject: month };
    yield { month, faults: isOther ? [other, ...found] : found };
  }
}

const unhurried = <Row extends Record<string, unknown>>(db: Orm, query: ReturnType<typeof sql>) =>
  db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('statement_timeout', ${`${secondsEach}s`}, true)`);
    return [...(await tx.execute<Row>(query))];
  });
