// Risk: what a redemption, a scan or the catalogue reads grows with the city, or with the years of a member.
import { expect, test } from 'vitest';
import type { Sql } from '../../db/client.ts';
import { seedDemoCity } from '../../db/seed/city.ts';
import { writeBare } from '../bench/bare-writes.ts';
import { gatherCrowd, type Size } from '../bench/crowd.ts';
import { bareWriteOf, claimsOf, drawVisits, itemOf, type Visit } from '../bench/visits.ts';
import { median } from '../bench/figure.ts';
import { testSecret } from '../support/app.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { without } from '../support/vary.ts';

type Place = { sql: Sql; members: number };

const village = await settle({ members: 500, redemptions: 1_000 });
const city = await settle({ members: 5_000, redemptions: 100_000 });
staysConsistent(city.sql);

/** An index of the city has a level more. */
const growthMax = 1.5;
const calls = 9;

async function settle(size: Size): Promise<Place> {
  const database = await createDatabase();
  const sql = database.connect({ max: 1, settings: { statement_timeout: '0' } });
  await seedDemoCity(sql, { secret: testSecret, members: 5, redemptions: 0 });
  await gatherCrowd(sql, size);
  await sql`
    insert into signing_key (kid, public_jwk, private_cipher, created_at, signs_from)
    values (1, '{}', '', '2020-01-01Z', '2020-01-01Z')`;
  await sql`vacuum analyze`;
  return { sql, members: size.members };
}

/** The blocks that a statement looks at, of its functions and triggers too: what it costs on any machine. */
async function blocks({ sql }: Place, call: (sql: Sql) => ReturnType<Sql>): Promise<number> {
  const [row] = await sql<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }[]>`
    explain (analyze, buffers, format json) ${call(sql)}`;
  const plan = row?.['QUERY PLAN'][0].Plan ?? {};
  return (plan['Shared Hit Blocks'] ?? NaN) + (plan['Shared Read Blocks'] ?? NaN);
}

type Call = (sql: Sql, visit: Visit) => ReturnType<Sql>;

const redemption: Call = (sql, visit) => sql`select * from redeem(${sql.json([itemOf(visit)])})`;

const scan: Call = (sql, visit) => {
  const { outlet, operatorUser: user } = visit;
  const sessionAt = new Date().toISOString();
  return sql`select preview(${sql.json({ ...claimsOf(visit), outlet, user, sessionAt })})`;
};

const catalogue: Call = (sql, { memberUser }) => sql`select * from catalogue(${memberUser}, now())`;

/** Of different members, once the connection knows the statement. */
async function typical(place: Place, call: Call): Promise<number> {
  const [first, ...visits] = await drawVisits(place.sql, place.members, calls + 1);
  if (first) await blocks(place, (sql) => call(sql, first));
  const found: number[] = [];
  for (const visit of visits) found.push(await blocks(place, (sql) => call(sql, visit)));
  return median(found);
}

const growth = async (call: Call) => (await typical(city, call)) / (await typical(village, call));

test.each(Object.entries({ redemption, scan, catalogue }))(
  'one more %s reads no more in a city than in a village',
  async (_name, call) => {
    expect(await growth(call)).toBeLessThan(growthMax);
  },
);

test('a pass looked for past its own index would read more in a city', async () => {
  const guard = 'i.benefit_id and p.variance is null';
  const found = await without(city.sql, 'redeem', [[guard, 'i.benefit_id']], () =>
    growth(redemption),
  );
  expect(found).toBeGreaterThan(growthMax);
});

/** Two hundred uses of two months ago, each among those of others, as they came. */
async function growOld(visit: Visit): Promise<void> {
  const at = new Date(Date.now() - 70 * 86_400_000).toISOString();
  const others = await drawVisits(city.sql, city.members, 12_000);
  const rows = others.map((other, i) => ({ ...bareWriteOf(i % 60 === 0 ? visit : other), at }));
  await writeBare(city.sql, rows);
  await city.sql`vacuum analyze`;
}

test("a redemption reads none of a member's uses of former periods", async () => {
  const [old] = await drawVisits(city.sql, city.members, 1);
  if (!old) throw new Error('Nobody came.');
  await growOld(old);
  const usual = await typical(city, redemption);
  const cost = () => blocks(city, (sql) => redemption(sql, old));
  expect(await cost()).toBeLessThan(usual * growthMax);
  const bound = 'and r.booked_at >= starts';
  const unbound = await without(city.sql, 'member_uses', [[bound, '']], cost);
  expect(unbound).toBeGreaterThan(usual * growthMax);
});

test('which months there are is asked without reading the ledger, once a day of it was added up', async () => {
  const cost = () => blocks(city, (sql) => sql`select * from ledger_months()`);
  const { sql } = city;
  const whole = await cost();
  const months = await sql`select * from ledger_months()`;
  await sql`
    insert into ledger_day (day, legs, amount_fen)
    select local_day(min(at)), 0, 0 from transfer`;
  expect(await sql`select * from ledger_months()`).toEqual(months);
  expect(await cost()).toBeLessThan(whole / 4);
});
