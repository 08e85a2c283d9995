// Risk: gathering redemptions mixes up answers, lets one bad item harm the others, or piles up without end.
import { expect, test } from 'vitest';
import { Batcher } from '../../api/redemptions/batcher.ts';
import { type Outcome, redeemItems } from '../../api/redemptions/queries.ts';
import { redeem } from '../../api/redemptions/redeem.ts';
import { buildCity } from '../support/city.ts';
import { createDatabase } from '../support/database.ts';

const database = await createDatabase();
const { sql } = database;
const city = await buildCity(sql);
const statements: string[] = [];
const pool = database.connect({
  onStatement: (statement) => {
    if (statement.includes('redeem(')) statements.push(statement);
  },
});

async function someItems(count: number, benefit: number) {
  const members = await Promise.all(Array.from({ length: count }, () => city.addMember()));
  return members.map((member) => city.item(member, benefit));
}

/** Holds the benefit's counters until the returned function lets go. */
async function block(benefit: number): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const blocker = sql.begin(async (tx) => {
    await tx`select from allocation where benefit_id = ${benefit} for update`;
    held.resolve();
    await done.promise;
  });
  await held.promise;
  return async () => {
    done.resolve();
    await blocker;
  };
}

const isSettled = async (answer: Promise<unknown>) =>
  (await Promise.race([answer, Promise.resolve('open')])) !== 'open';

test('what arrives while the database is busy shares a statement, and each gets its own answer', async () => {
  const benefit = await city.addBenefit({ pools: { shared: 60 } });
  const items = await someItems(100, benefit);
  const batcher = new Batcher(pool);
  const release = await block(benefit);
  statements.length = 0;
  const answers = items.map((item) => batcher.redeem(item));
  expect(statements.length).toBeLessThanOrEqual(2);
  await release();
  const outcomes = await Promise.all(answers);
  // Two went alone, as the database was free, the rest in batches of fifty.
  expect(statements).toHaveLength(4);
  expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(60);
  expect(outcomes.filter(({ outcome }) => outcome === 'quota_exhausted')).toHaveLength(40);
  const stored = await sql<
    { id: string }[]
  >`select id from redemption where benefit_id = ${benefit}`;
  const accepted = items.filter((_, i) => outcomes[i]?.outcome === 'accepted').map(({ id }) => id);
  expect(stored.map(({ id }) => id).toSorted()).toEqual(accepted.toSorted());
});

test('a lone redemption goes at once', async () => {
  const benefit = await city.addBenefit();
  const batcher = new Batcher(pool);
  for (const item of await someItems(3, benefit)) {
    statements.length = 0;
    expect(await batcher.redeem(item)).toMatchObject({ outcome: 'accepted' });
    expect(statements).toHaveLength(1);
  }
});

test('one id many times in one batch is one redemption with one answer', async () => {
  const benefit = await city.addBenefit({ limit: [50, 'day'] });
  const [item] = await someItems(1, benefit);
  if (!item) throw new Error('There is no item.');
  const batcher = new Batcher(pool);
  const outcomes = await Promise.all(Array.from({ length: 60 }, () => batcher.redeem(item)));
  expect(outcomes.filter(({ outcome }) => outcome === 'accepted')).toHaveLength(1);
  expect(outcomes.filter(({ outcome }) => outcome === 'replayed')).toHaveLength(59);
});

test('an item that makes the statement raise harms no other', async () => {
  const benefit = await city.addBenefit();
  const items = await someItems(9, benefit);
  const broken = { ...city.item(await city.addMember(), benefit), id: 'no uuid' };
  const batch = [...items.slice(0, 4), broken, ...items.slice(4)];
  // The negative control: sent together and no more, all ten fail.
  await expect(redeemItems(pool, batch)).rejects.toThrow(/uuid/);
  expect(await sql`select from redemption where benefit_id = ${benefit}`).toHaveLength(0);
  const answers = await redeem(pool, batch);
  expect(answers.map(({ status }) => status)).toEqual(
    batch.map((item) => (item === broken ? 'rejected' : 'fulfilled')),
  );
  const outcomes = answers.map((a) => (a.status === 'fulfilled' ? a.value.outcome : 'raised'));
  expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(9);
});

test('a full queue says so at once, and what was taken is done', async () => {
  const benefit = await city.addBenefit();
  const items = await someItems(12, benefit);
  const batcher = new Batcher(pool, { statementsMax: 1, itemsMax: 4, waitingMax: 8 });
  const release = await block(benefit);
  const answers = items.map((item) => batcher.redeem(item));
  const refused = answers.slice(9);
  for (const answer of refused)
    await expect(answer).rejects.toMatchObject({ code: 'busy', headers: { 'Retry-After': '1' } });
  expect(await Promise.all(answers.slice(0, 9).map(isSettled))).toEqual(Array(9).fill(false));
  await release();
  const outcomes: Outcome[] = await Promise.all(answers.slice(0, 9));
  expect(outcomes.every(({ outcome }) => outcome === 'accepted')).toBe(true);
});

test('trouble of the database itself is everybody’s answer, not tried item by item', async () => {
  const benefit = await city.addBenefit();
  const items = await someItems(5, benefit);
  const impatient = database.connect({ settings: { lock_timeout: '50ms' }, max: 2 });
  const release = await block(benefit);
  const answers = await redeem(impatient, items);
  await release();
  expect(answers.map((a) => (a.status === 'rejected' ? a.reason : a))).toEqual(
    Array(5).fill(expect.objectContaining({ code: '55P03' })),
  );
});
