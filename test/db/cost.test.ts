// Risk: a storm on what is sold out or used up locks and writes, or a batch costs a statement for each of its items.
import postgres from 'postgres';
import { afterAll, expect, test } from 'vitest';
import { buildCity } from '../support/city.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { redeemOne, type Sent } from '../support/redeem.ts';

const database = await createDatabase();
const { sql } = database;
const city = await buildCity(sql);
staysConsistent(sql);

/** PostgreSQL names each statement that runs, inside of functions too. */
const statements: string[] = [];
const watched = postgres(database.url, {
  max: 1,
  onnotice: ({ message = '' }) => statements.push(message),
});
afterAll(() => watched.end());
await watched.unsafe(`
  load 'auto_explain';
  set auto_explain.log_min_duration = 0;
  set auto_explain.log_nested_statements = on;
  set client_min_messages = log`);

async function statementsOf(items: Sent[]): Promise<number> {
  statements.length = 0;
  const answers = await watched`select outcome from redeem(${watched.json(items)})`;
  expect(answers.every(({ outcome }) => outcome === 'accepted')).toBe(true);
  const isOfForeignKey = (text: string) => text.includes('FOR KEY SHARE OF x');
  return statements.filter((text) => text.includes('Query Text') && !isOfForeignKey(text)).length;
}

test('a batch of thirty runs as many statements as a batch of one', async () => {
  const { home } = city.unions;
  const benefit = await city.addBenefit({ pools: { [home]: 20, shared: 100 } });
  const members = await Promise.all(Array.from({ length: 32 }, () => city.addMember()));
  const [one, ...thirty] = members.map((member) => city.item(member, benefit));
  const [last] = thirty.splice(30);
  if (!one || !last) throw new Error('There are 32 members.');
  const alone = await statementsOf([one]);
  expect(await statementsOf(thirty)).toBe(alone);
  // The last is the look at the months that are no longer open.
  expect(alone).toBeLessThanOrEqual(9);
});

test('a batch of thirty offline uses runs as many statements as a batch of one', async () => {
  const benefit = await city.addBenefit();
  await city.addPolicy(benefit);
  const device = await city.addDevice();
  const lease = await city.addLease(device, benefit, 100);
  const members = await Promise.all(Array.from({ length: 32 }, () => city.addMember()));
  const [one, ...thirty] = members.map((by) => city.offlineItem(by, benefit, device, lease));
  const [last] = thirty.splice(30);
  if (!one || !last) throw new Error('There are 32 members.');
  const alone = await statementsOf([one]);
  expect(await statementsOf(thirty)).toBe(alone);
});

/** Whether a statement took a row's lock or wrote: either gives its transaction a number. */
async function touches(run: (tx: postgres.TransactionSql) => Promise<unknown>): Promise<boolean> {
  return watched.begin(async (tx) => {
    await run(tx);
    const [row] = await tx`select pg_current_xact_id_if_assigned() is not null as touched`;
    return row?.['touched'] === true;
  });
}

const redeems = (item: Sent) => touches((tx) => tx`select * from redeem(${tx.json([item])})`);

test('an accepted item writes', async () => {
  const item = city.item(await city.addMember(), await city.addBenefit());
  expect(await redeems(item)).toBe(true);
});

test('a sold-out benefit is refused without a lock or a write', async () => {
  const benefit = await city.addBenefit({ pools: { [city.unions.home]: 0, shared: 0 } });
  expect(await redeems(city.item(await city.addMember(), benefit))).toBe(false);
});

test('what a device must hold is refused without a lock or a write', async () => {
  const benefit = await city.addBenefit();
  const device = await city.addDevice();
  const lease = await city.addLease(device, benefit, 1);
  const item = city.offlineItem(await city.addMember(), benefit, device, lease);
  expect(await redeems({ ...item, held: 'value_too_high' })).toBe(false);
  expect(await redeems({ ...item, exp: 0 })).toBe(false);
  expect(await redeems(item)).toBe(true);
});

test('a replay is answered without a lock or a write', async () => {
  const item = city.item(await city.addMember(), await city.addBenefit());
  await redeemOne(sql, item);
  expect(await redeems(item)).toBe(false);
});

test('preview and catalogue neither lock nor write', async () => {
  const member = await city.addMember();
  const { card, jti, kid, exp, outlet, user, sessionAt } = city.item(
    member,
    await city.addBenefit(),
  );
  const scan = { card, jti, kid, exp, outlet, user, sessionAt };
  expect(await touches((tx) => tx`select preview(${tx.json(scan)})`)).toBe(false);
  expect(await touches((tx) => tx`select * from catalogue(${member.userId}, now())`)).toBe(false);
});

test('however many share the price, a batch of thirty runs as many statements as a batch of one', async () => {
  const benefit = await city.addBenefit();
  await sql`
    update benefit set funding = ${sql.json([
      { payer: 'city', parts: 1 },
      { payer: 'host', parts: 2 },
    ])}
    where id = ${benefit}`;
  const members = await Promise.all(Array.from({ length: 31 }, () => city.addMember()));
  const [one, ...thirty] = members.map((member) => city.item(member, benefit));
  if (!one) throw new Error('There are 31 members.');
  const alone = await statementsOf([one]);
  expect(await statementsOf(thirty)).toBe(alone);
});
