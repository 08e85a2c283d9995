// Risk: somebody steers a draw, or nobody can show that nobody did.
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { pseudonymOf, recompute, type Told } from '../../web/src/lib/draw/recompute.ts';
import { buildCity } from '../support/city.ts';
import { claim, claimOne, say, stateOf } from '../support/claim.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';
import { queued } from '../support/gate.ts';
import { without } from '../support/vary.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
const secret = 'a1'.repeat(32);

afterEach(async () => {
  await setClock(sql, null);
  expect(await sql`select * from consistency()`).toEqual([]);
});

async function openDraw(prizes: number[], options: { hasWaitList?: boolean } = {}) {
  await setClock(sql, '2026-11-24T10:00:00+08:00');
  const benefit = await city.addBenefit({ limit: [1, 'total'] });
  await city.letClaim(benefit, {
    kind: 'draw',
    opensAt: '2026-11-22T00:00:00+08:00',
    closesAt: '2026-11-25T00:00:00+08:00',
    ...options,
  });
  const sessions = [];
  for (const cap of prizes) sessions.push(await city.addSession(benefit, { cap, startsAt: null }));
  return { benefit, sessions };
}

async function told(benefit: number): Promise<Told & { list: string }> {
  const [row] = await sql<(Told & { list: string })[]>`
    select commitment, list_hash as "listHash", secret, number, seed, draw_list(benefit_id) as list
    from draw where benefit_id = ${benefit}`;
  if (!row) throw new Error('There is no draw.');
  return row;
}

test('who enters is drawn after the close, prizes from the first to the last, and anybody can do it again', async () => {
  const { benefit, sessions } = await openDraw([1, 2]);
  await city.addDraw(benefit, secret, { neverWon: 1, tags: { model_worker: 2 } });
  const members = await Promise.all(
    Array.from({ length: 6 }, (_, i) => city.addMember(i === 0 ? { tags: ['model_worker'] } : {})),
  );
  const items = members.map((member) => city.claimItem(member, benefit, null));
  expect((await claim(sql, items)).map(({ state }) => state)).toEqual(items.map(() => 'entered'));
  await setClock(sql, '2026-11-25T00:00:00+08:00');
  const late = city.claimItem(await city.addMember(), benefit, null);
  expect((await claimOne(sql, late)).outcome).toBe('claims_closed');
  expect(await sql`select run_draw(${benefit}, '1')`).toEqual([{ run_draw: 'draw_not_listed' }]);
  await sql`select close_draw(${benefit})`;
  const weights = await sql<{ weight: number }[]>`
    select weight from draw_entry where benefit_id = ${benefit} order by weight`;
  expect(weights.map(({ weight }) => weight)).toEqual([2, 2, 2, 2, 2, 4]);
  expect(await sql`select run_draw(${benefit}, '03 11 17 20 25 31 + 08')`).toEqual([
    { run_draw: 'drawn' },
  ]);
  expect(await sql`select run_draw(${benefit}, '2')`).toEqual([{ run_draw: 'draw_over' }]);

  const said = await told(benefit);
  const again = await recompute(said.list, said);
  expect(again).toMatchObject({ isSecretCommitted: true, isListTheOne: true, isSeedRight: true });
  const places = await sql<{ pseudonym: string; state: string; session: number | null }[]>`
    select e.pseudonym, c.state, c.session_id as session
    from draw_entry e join claim c on c.cell = e.cell and c.id = e.claim_id
    where e.benefit_id = ${benefit} order by e.place`;
  expect(places.map(({ pseudonym }) => pseudonym)).toEqual(again.order);
  expect(places.map(({ state }) => state)).toEqual([
    ...['confirmed', 'confirmed', 'confirmed', 'waiting', 'waiting', 'waiting'],
  ]);
  expect(places.slice(0, 3).map(({ session }) => session)).toEqual([
    sessions[0],
    sessions[1],
    sessions[1],
  ]);
  const own = await Promise.all(items.map(({ id }) => pseudonymOf(benefit, id)));
  expect(own.toSorted()).toEqual(again.order.toSorted());
});

test('a win that nobody takes goes on to the next in the drawn order', async () => {
  const { benefit } = await openDraw([1]);
  await city.addDraw(benefit, secret);
  const members = await Promise.all(Array.from({ length: 3 }, () => city.addMember()));
  const items = members.map((member) => city.claimItem(member, benefit, null));
  await claim(sql, items);
  await setClock(sql, '2026-11-25T00:00:00+08:00');
  await sql`select close_draw(${benefit})`;
  await sql`select run_draw(${benefit}, '7')`;
  const order = await sql<{ id: string }[]>`
    select claim_id as id from draw_entry where benefit_id = ${benefit} order by place`;
  const [winner, next] = order.map(({ id }) => items.findIndex((item) => item.id === id));
  const [won, follows] = [items[winner ?? 0], items[next ?? 0]];
  const who = members[winner ?? 0];
  if (!won || !follows || !who) throw new Error('Nobody won.');
  expect(await say(sql, 'cancel_claim', won.id, who)).toMatchObject({ outcome: 'cancelled' });
  expect(await stateOf(sql, follows.id)).toBe('offered');
});

test('a changed list, secret or number is found out', async () => {
  const { benefit } = await openDraw([1]);
  await city.addDraw(benefit, secret);
  const members = await Promise.all(Array.from({ length: 3 }, () => city.addMember()));
  await claim(
    sql,
    members.map((member) => city.claimItem(member, benefit, null)),
  );
  await setClock(sql, '2026-11-25T00:00:00+08:00');
  await sql`select close_draw(${benefit})`;
  await sql`select run_draw(${benefit}, '7')`;
  const said = await told(benefit);
  const list = said.list.replace(/,1\n/, ',9\n');
  expect(await recompute(list, said)).toMatchObject({ isListTheOne: false, isSeedRight: false });
  expect(await recompute(said.list, { ...said, secret: 'b2'.repeat(32) })).toMatchObject({
    isSecretCommitted: false,
    isSeedRight: false,
  });
  expect(await recompute(said.list, { ...said, number: '8' })).toMatchObject({
    isSeedRight: false,
  });
  // Nor does the database keep one that was not committed.
  await expect(
    sql`update draw set secret = ${'b2'.repeat(32)} where benefit_id = ${benefit}`,
  ).rejects.toThrow('draw_commitment');
  await expect(sql`update draw set number = '8' where benefit_id = ${benefit}`).rejects.toThrow(
    'draw_seed',
  );
});

test('a dry run tells the chances by weight, and leaves no trace', async () => {
  const { benefit } = await openDraw([2]);
  await city.addDraw(benefit, secret, { tags: { model_worker: 3 } });
  const members = await Promise.all(
    Array.from({ length: 5 }, (_, i) => city.addMember(i < 2 ? { tags: ['model_worker'] } : {})),
  );
  const items = members.map((member) => city.claimItem(member, benefit, null));
  await claim(sql, items);
  const rows = await sql<{ weight: number; entries: number; won: number }[]>`
    select * from rehearse_draw(${benefit})`;
  expect(rows.map(({ weight, entries }) => [weight, entries])).toEqual([
    [1, 3],
    [4, 2],
  ]);
  expect(rows.reduce((sum, { won }) => sum + won, 0)).toBe(2);
  expect(await stateOf(sql, items[0]?.id ?? '')).toBe('entered');
  expect(await sql`select from draw_entry where benefit_id = ${benefit}`).toEqual([]);
});

describe('an entry that is being written when the list is closed', () => {
  const contend = async (waiting: number) => {
    const { benefit } = await openDraw([1]);
    await city.addDraw(benefit, randomBytes(32).toString('hex'));
    const item = city.claimItem(await city.addMember(), benefit, null);
    await sql
      .begin(async (tx) => {
        await tx`lock table claim in share mode`;
        const entered = claimOne(sql, item);
        await queued(sql, 1);
        await setClock(sql, '2026-11-25T00:00:00+08:00');
        const closed = sql`select close_draw(${benefit})`.execute();
        await (waiting > 1 ? queued(sql, waiting) : closed);
        return { both: Promise.all([entered, closed]) };
      })
      .then(({ both }) => both);
    const listed = await sql`select from draw_entry where benefit_id = ${benefit}`;
    return listed.length;
  };

  test('is on it', async () => {
    expect(await contend(2)).toBe(1);
  });

  test('is forgotten without the draw’s lock', async () => {
    const unlocked: [string, string] = [
      'order by d.benefit_id\n      for share',
      'order by d.benefit_id',
    ];
    expect(await without(sql, 'claim', [unlocked], () => contend(1))).toBe(0);
  });
});
