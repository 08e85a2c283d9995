import { finishCloses } from '../../api/settlements/finish-close.ts';
import { connect, orm, type Sql } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import { seedDemoCity } from '../../db/seed/city.ts';
import { withBareTables } from './bare-tables.ts';
import { gatherCrowd } from './crowd.ts';
import { figure, median, print } from './figure.ts';
import type { Ground } from './ground.ts';

const members = 20_000;
const redemptionsDefault = 50_000;
const rounds = 5;
const forAsLongAsItTakes = { statement_timeout: '0', idle_in_transaction_session_timeout: '0' };

/**
 * `npm run bench close [1000000]`: a month of so many redemptions, each borne by two unions, closed to statements; beside
 * the bare GROUP BY of the same rows. As a rule every day but the last was added up before; from nothing is the worst
 * there is.
 */
export async function close(ground: Ground, redemptions = redemptionsDefault): Promise<void> {
  // Beside the demo city, which has closed its past.
  await ground.sql`create database city_to_close`;
  const url = ground.url.replace(/bench$/, 'city_to_close');
  await migrate(url);
  const sql = connect(url, { max: 1, settings: forAsLongAsItTakes });
  try {
    await seedDemoCity(sql, { secret: ground.config.secret, members: 5, redemptions: 0 });
    await measure(sql, await fill(sql, redemptions), redemptions);
  } finally {
    await sql.end();
  }
}

async function measure(sql: Sql, month: string, redemptions: number): Promise<void> {
  const bare: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const time = await timed(() => groupBare(sql, month));
    if (round > 0) bare.push(time);
  }
  figure('close-bare-group-by', median(bare), 'ms');

  const nothing = await timed(() => closeOnce(sql, month));
  await assertSound(sql, month, redemptions);
  const times: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    await reopen(sql, month);
    const time = await timed(() => closeOnce(sql, month));
    if (round > 0) times.push(time);
  }
  await assertSound(sql, month, redemptions);
  figure('close', median(times), 'ms');
  figure('close-from-nothing', nothing, 'ms');
  figure('close-ratio', median(times) / median(bare), 'ratio', { atMost: 3 });
  figure('close-from-nothing-ratio', nothing / median(bare), 'ratio');
}

/** The month before this one, full of redemptions, each borne by the city and the owner of the places. */
async function fill(sql: Sql, redemptions: number): Promise<string> {
  print(`Filling a month with ${redemptions.toLocaleString('en')} redemptions:`);
  await gatherCrowd(sql, { members, redemptions }, (line) => print(`  ${line}`));
  const [row] = await sql<{ month: string }[]>`
    select (date_trunc('month', clock() at time zone 'Asia/Shanghai') - interval '1 month')::date::text as month`;
  const month = row?.month ?? '';
  await withBareTables(
    sql,
    ['transfer'],
    () => {},
    async () => {
      await sql`alter table transfer disable trigger user`;
      await sql`truncate transfer`;
      await sql`
      insert into transfer (cell, redemption_id, kind, leg, payer_id, payee_id, creditor_id, amount_fen, at)
      select r.cell, r.id, 'redemption', g.leg, case g.leg when 1 then city.id else payer.id end, payee.id,
        p.union_id, g.leg * 1500,
        day_begin(${month}::date) + r.place * (
          day_begin((${month}::date + interval '1 month')::date) - day_begin(${month}::date)) / ${redemptions}
      from (
        select r.*, ${redemptions} - row_number() over (order by r.booked_at desc, r.id) as place from redemption r
        order by r.booked_at desc, r.id limit ${redemptions}
      ) r
        join allocation a on a.id = r.allocation_id
        join account payer on payer.union_id = a.union_id and payer.kind = 'budget'
        join outlet o on o.id = r.outlet_id
        join partner p on p.id = o.partner_id
        join account payee on payee.partner_id = p.id and payee.kind = 'payable'
        join trade_union root on root.level = 1
        join account city on city.union_id = root.id and city.kind = 'budget'
        cross join (values (1), (2)) g (leg)
      order by r.place, g.leg`;
      await sql`alter table transfer enable trigger user`;
    },
  );
  await sql`vacuum analyze transfer`;
  return month;
}

const groupBare = (sql: Sql, month: string) => sql`
  select count(*) from (
    select payer_id, payee_id, creditor_id, count(*), sum(amount_fen) from transfer
    where at >= day_begin(${month}::date) and at < day_begin((${month}::date + interval '1 month')::date)
    group by payer_id, payee_id, creditor_id) grouped`;

async function closeOnce(sql: Sql, month: string): Promise<void> {
  await sql`insert into period (month, state, closing_at) values (${month}, 'closing', clock())`;
  await finishCloses({ db: orm(sql) });
}

/** As if nobody had closed it, with every day but the last one added up. */
async function reopen(sql: Sql, month: string): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`delete from statement where month = ${month}`;
    await tx`delete from period where month = ${month}`;
    await tx`
      delete from ledger_part where day = (${month}::date + interval '1 month - 1 day')::date`;
    await tx`
      delete from ledger_day where day = (${month}::date + interval '1 month - 1 day')::date`;
  });
  await sql`vacuum analyze ledger_part`;
}

async function assertSound(sql: Sql, month: string, redemptions: number): Promise<void> {
  const found = await sql`select * from statement_findings(${month}::date)`;
  const [said] = await sql<{ redemptions: number }[]>`
    select sum(redemptions)::int as redemptions from statement where month = ${month} and kind = 'partner'`;
  if (found.length > 0 || said?.redemptions !== redemptions)
    throw new Error(`A broken close: ${said?.redemptions} ${JSON.stringify(found.slice(0, 3))}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
