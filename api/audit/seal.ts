import { sql } from 'drizzle-orm';
import type { Services } from '../context.ts';
import { record, type sealActions } from './record.ts';

type Database = Pick<Services, 'db'>;

const daysARun = 10;
/** A busy day of a large city; nobody waits for it. */
const secondsADay = 300;

type Seal = { action: (typeof sealActions)[number]; digests: ReturnType<typeof sql> };

const seals: readonly Seal[] = [
  { action: 'day.seal', digests: sql`day_digests` },
  { action: 'day.seal_claims', digests: sql`claim_digests` },
];

/**
 * A chore: writes into the audit, for each day that is over, the digest over what was booked at the outlets of each
 * district, and over what changed of the claims of its unions' members; for each of both one entry of the city says how
 * many there are. So the chains hold every redemption and every change of a claim as well.
 */
export async function sealDays({ db }: Database): Promise<number> {
  let sealed = 0;
  for (const seal of seals) {
    for (let days = 0; days < daysARun && (await sealNext(db, seal)); days += 1) sealed += 1;
  }
  return sealed;
}

function sealNext(db: Database['db'], { action, digests: digestsOf }: Seal): Promise<boolean> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('statement_timeout', ${`${secondsADay}s`}, true)`);
    // Who links holds it too: entries of both come one after the other.
    const held = await tx.execute(sql`
      select from audit_horizon where id = 1 for no key update skip locked`);
    const [due] = await tx.execute<{ day: string | null; city: number }>(sql`
      select next_sealed_day_2(${action})::text as day, (select id from trade_union where level = 1 order by id limit 1) as city`);
    if (held.length === 0 || !due?.day) return false;
    const { day, city } = due;
    const digests = await tx.execute<{ unionId: number; rows: number; hash: string }>(sql`
      select union_id as "unionId", rows, hash from ${digestsOf}(${day}::date) order by union_id`);
    const seal = (unionId: number, after: { rows: number; hash?: string; districts?: number }) =>
      record(tx, {
        userId: 'service',
        unionId,
        action,
        subject: 'day',
        subjectId: day,
        reason: null,
        before: null,
        after,
      });
    for (const { unionId, rows, hash } of digests) await seal(unionId, { rows, hash });
    const rows = digests.reduce((sum, one) => sum + one.rows, 0);
    await seal(city, { rows, districts: digests.length });
    return true;
  });
}
