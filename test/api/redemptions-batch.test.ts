// Risk: gathering redemptions mixes up answers, lets one bad item or one benefit's rush harm the others, or piles up.
import { expect, test } from 'vitest';
import { Batcher, type BatcherOptions } from '../../api/batches/batcher.ts';
import type { Item, Outcome } from '../../api/redemptions/item.ts';
import { redeemItems } from '../../api/redemptions/queries.ts';
import { redeem } from '../../api/redemptions/redeem.ts';
import { Lanes } from '../../api/batches/lanes.ts';
import type { Sql } from '../../db/client.ts';
import { createApp } from '../support/app.ts';
import { buildCity, idIn } from '../support/city.ts';
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

const batching = (on: Sql, options?: BatcherOptions) =>
  new Batcher((items: readonly Item[]) => redeem(on, items), options);

const isSettled = async (answer: Promise<unknown>) =>
  (await Promise.race([answer, Promise.resolve('open')])) !== 'open';

test('what arrives while the database is busy shares a statement, and each gets its own answer', async () => {
  const benefit = await city.addBenefit({ pools: { shared: 60 } });
  const items = await someItems(100, benefit);
  const batcher = batching(pool);
  const release = await block(benefit);
  statements.length = 0;
  const answers = items.map((item) => batcher.add(item));
  expect(statements.length).toBeLessThanOrEqual(1);
  await release();
  const outcomes = await Promise.all(answers);
  // One went alone, as the database was free, the rest by fifty.
  expect(statements).toHaveLength(3);
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
  const batcher = batching(pool);
  for (const item of await someItems(3, benefit)) {
    statements.length = 0;
    expect(await batcher.add(item)).toMatchObject({ outcome: 'accepted' });
    expect(statements).toHaveLength(1);
  }
});

test('one id many times in one batch is one redemption with one answer', async () => {
  const benefit = await city.addBenefit({ limit: [50, 'day'] });
  const [item] = await someItems(1, benefit);
  if (!item) throw new Error('There is no item.');
  const batcher = batching(pool);
  const outcomes = await Promise.all(Array.from({ length: 60 }, () => batcher.add(item)));
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
  const batcher = batching(pool, { itemsMax: 4, laneMax: 8 });
  const release = await block(benefit);
  const answers = items.map((item) => batcher.add(item));
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

test('a benefit whose counter is held up keeps no other waiting', async () => {
  const [hot, cold] = [await city.addBenefit(), await city.addBenefit()];
  const rush = await someItems(30, hot);
  const others = await someItems(5, cold);
  const release = await block(hot);
  const stuck = (options: BatcherOptions) => {
    const batcher = batching(pool, options);
    const first = rush.map((item) => batcher.add(item));
    return { first, then: others.map((item) => batcher.add(item)) };
  };
  const { first, then } = stuck({});
  const outcomes = await Promise.all(then);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(5).fill('accepted'));
  expect(await Promise.all(first.map(isSettled))).toEqual(Array(30).fill(false));
  // The negative control: with a single statement the rush is before everybody.
  const single = stuck({ statementsMax: 1 });
  await sql`select 1`;
  expect(await Promise.all(single.then.map(isSettled))).toEqual(Array(5).fill(false));
  await release();
  await Promise.all([...first, ...single.first, ...single.then]);
});

test('who wants little shares no statement with a rush, and neither keeps the other from its turn', () => {
  const lanes = new Lanes<number>();
  const arrive = (...benefits: number[]) => {
    for (const benefit of benefits) lanes.add(benefit, benefit);
  };
  const rush = Array<number>(50).fill(1);
  arrive(...rush, ...rush, ...rush, 2, 2, 3);
  const first = lanes.take(50);
  expect(first.taken).toEqual([2, 2, 3]);
  // While they are under way, more of the same wait and a new one comes.
  arrive(2, 4);
  const second = lanes.take(50);
  expect(second.taken).toEqual(rush);
  expect(lanes.take(50).taken).toEqual([4]);
  expect(lanes.take(50).taken).toEqual([]);
  first.free();
  second.free();
  expect(lanes.take(50).taken).toEqual(rush);
  expect(lanes.take(50).taken).toEqual([2]);
});

test('a short lane is served at once beside long ones', () => {
  const arrivals = [...Array<number>(1000).fill(1), ...Array<number>(1000).fill(2), 3, 3, 4];
  const takesUntilServed = (laneOf: (benefit: number) => number) => {
    const lanes = new Lanes<number>();
    for (const benefit of arrivals) lanes.add(laneOf(benefit), benefit);
    for (let takes = 1, missing = 3; ; takes++) {
      const { taken, free } = lanes.take(50);
      missing -= taken.filter((benefit) => benefit > 2).length;
      if (missing === 0) return takes;
      free();
    }
  };
  expect(takesUntilServed((benefit) => benefit)).toBe(1);
  // The negative control: in one queue they wait for all the others.
  expect(takesUntilServed(() => 0)).toBe(41);
});

test('more lanes than places are all served in turn, and an empty lane leaves nothing behind', () => {
  const lanes = new Lanes<number>();
  for (let key = 0; key < 120; key++) for (let i = 0; i < 2; i++) lanes.add(key, key);
  const first = lanes.take(50);
  const second = lanes.take(50);
  const third = lanes.take(50);
  // Who is under way is not taken again, and nobody a second time before all were taken once.
  const keys = [first, second, third].flatMap(({ taken }) => [...new Set(taken)]);
  expect(keys).toHaveLength(120);
  expect(new Set(keys).size).toBe(120);
  expect(lanes.take(50).taken).toEqual([]);
  for (const { free } of [first, second, third]) free();
  for (let take = lanes.take(50); take.taken.length > 0; take = lanes.take(50)) take.free();
  expect([lanes.total, lanes.waiting(0), lanes.take(50).taken]).toEqual([0, [], []]);
});

test('while the first has waited too long nobody else is taken, and everybody was answered', async () => {
  const [hot, cold] = [await city.addBenefit(), await city.addBenefit()];
  let nowMs = 0;
  const batcher = batching(pool, { waitMsMax: 1000, elapsedMs: () => nowMs });
  const [one, two, three, four] = await someItems(4, hot);
  const [other] = await someItems(1, cold);
  if (!one || !two || !three || !four || !other) throw new Error('There are no items.');
  const release = await block(hot);
  const answers = [batcher.add(one), batcher.add(two)];
  nowMs = 1000;
  answers.push(batcher.add(three));
  nowMs = 1001;
  await expect(batcher.add(four)).rejects.toMatchObject({ code: 'busy' });
  expect(await batcher.add(other)).toMatchObject({ outcome: 'accepted' });
  await release();
  const outcomes = await Promise.all(answers);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(3).fill('accepted'));
  expect(await batcher.add(four)).toMatchObject({ outcome: 'accepted' });
});

test('a full lane is said before the ticket is looked at, and is full for its benefit only', async () => {
  const [hot, cold] = [await city.addBenefit(), await city.addBenefit()];
  const { services, signInAs } = createApp(sql);
  services.batcher = batching(pool, { laneMax: 1 });
  const till = await signInAs(city.operator.userId);
  const [one, two] = await someItems(2, hot);
  if (!one || !two) throw new Error('There are no items.');
  const put = (benefit: number) =>
    till.put(`/api/redemptions/${idIn(0)}`, { ticket: 'none', benefit, quantity: 1 });
  const release = await block(hot);
  const taken = [services.batcher.add(one), services.batcher.add(two)];
  const refused = await put(hot);
  expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '1']);
  expect(await put(cold).then((answer) => answer.status)).toBe(422);
  await release();
  await Promise.all(taken);
  expect(await put(hot).then((answer) => answer.status)).toBe(422);
});
