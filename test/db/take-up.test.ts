// Risk: from what is said of many, somebody learns what one member did: of a small group, from two lists side by side,
// or by asking again.
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { buildCity, type Member } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';
import { rolled } from '../support/rolled.ts';
import { without } from '../support/vary.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
const { home, host, homeEnterprise } = city.unions;

/** How likely noise is: the discrete law that blur_noise() draws from. */
const ratio = Math.exp(-1 / 2);
const likely = (noise: number) => ((1 - ratio) / (1 + ratio)) * ratio ** Math.abs(noise);
const noises = Array.from({ length: 241 }, (_, i) => i - 120);

type Blurred = { count: number; noise: number; said: number };
const most = 40;
let table: Blurred[] = [];

beforeAll(async () => {
  table = await sql<Blurred[]>`
    select count, noise, blurred(count, noise, ${most}) as said
    from generate_series(0, ${most}) count, unnest(${noises}::int[]) noise`;
});

/** How likely each thing is said of a count. */
function said(count: number): Map<number, number> {
  const law = new Map<number, number>();
  for (const row of table)
    if (row.count === count) law.set(row.said, (law.get(row.said) ?? 0) + likely(row.noise));
  return law;
}

test('whatever is said of a group is about as likely with one member as without him', () => {
  for (let count = 0; count < most; count += 1) {
    const [without, withHim] = [said(count), said(count + 1)];
    for (const [value, likelihood] of without) {
      const change = (withHim.get(value) ?? 0) / likelihood;
      expect(change).toBeGreaterThan(Math.exp(-0.5) - 1e-6);
      expect(change).toBeLessThan(Math.exp(0.5) + 1e-6);
    }
  }
});

test('two lists that differ by one member allow both: that he used it, and that he did not', () => {
  const people = fc.array(fc.boolean(), { minLength: 10, maxLength: most - 1 });
  fc.assert(
    fc.property(people, fc.nat(), fc.nat(), (others, a, b) => {
      const users = others.filter(Boolean).length;
      // What the list without him said, and what the one with him said, drawn for one of the worlds.
      const listed = [...said(users).keys()];
      const first = listed[a % listed.length] ?? 0;
      const second = listed[b % listed.length] ?? 0;
      const odds =
        ((said(users).get(first) ?? 0) * (said(users + 1).get(second) ?? 0)) /
        ((said(users).get(first) ?? 0) * (said(users).get(second) ?? 0));
      expect(odds).toBeGreaterThan(0.6);
      expect(odds).toBeLessThan(1.65);
    }),
  );
});

test('negative control: rounding alone gives him away', () => {
  const rounded = (count: number) =>
    table.find((row) => row.count === count && row.noise === 0)?.said;
  expect(rounded(12)).not.toBe(rounded(13));
});

test('the noise is drawn as its law says', async () => {
  const draws = 20_000;
  const rows = await sql<{ noise: number; times: number }[]>`
    select blur_noise() as noise, count(*)::int as times from generate_series(1, ${draws}) group by 1`;
  const times = new Map(rows.map((row) => [row.noise, row.times]));
  for (const noise of [-3, -2, -1, 0, 1, 2, 3]) {
    const expected = likely(noise) * draws;
    const spread = 6 * Math.sqrt(expected);
    expect(Math.abs((times.get(noise) ?? 0) - expected)).toBeLessThan(spread);
  }
});

type Line = {
  split: string;
  bands: string[] | null;
  union_id: number | null;
  groups: number;
  members: number;
  users: number;
};

const lines = (district: number, month = '2026-10-01') => sql<Line[]>`
  select split, bands, union_id, groups, members, users from take_up
  where district_id = ${district} and month = ${month} order by split, place`;

async function enterprise(district: number): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    insert into trade_union (parent_id, kind, level, name_zh, name_en)
    values (${district}, 'enterprise', 4, '企业', 'Enterprise') returning id`;
  return row?.id ?? 0;
}

const join = (count: number, at: number, bornOn: string): Promise<Member[]> =>
  Promise.all(Array.from({ length: count }, () => city.addMember({ enterprise: at, bornOn })));

test('small groups stand together, never fewer than ten, and a list is drawn up once', async () => {
  await setClock(sql, '2026-10-12T04:00:00Z');
  const [large, small, tiny] = [homeEnterprise, await enterprise(home), await enterprise(home)];
  const users = await join(30, large, '1990-06-15');
  await join(12, small, '1980-06-15');
  await join(3, tiny, '1950-06-15');
  await join(9, await enterprise(host), '1990-06-15');
  const benefit = await city.addBenefit({ limit: [9, 'total'] });
  const items = users.map((member) => city.item(member, benefit, new Date('2026-10-12T04:00:00Z')));
  await sql`select from redeem(${sql.json(items)})`;
  // It is not over yet, and then nobody has counted it.
  await rolled(sql);
  expect(await lines(home)).toEqual([]);
  await setClock(sql, '2026-11-03T04:00:00Z');
  await rolled(sql);
  const first = await lines(home);
  expect(first.map(({ users: _, ...line }) => line)).toEqual([
    { split: 'age', bands: ['to_39'], union_id: null, groups: 1, members: 30 },
    { split: 'age', bands: ['from_60', 'to_49'], union_id: null, groups: 2, members: 15 },
    { split: 'enterprise', bands: null, union_id: large, groups: 1, members: 30 },
    { split: 'enterprise', bands: null, union_id: null, groups: 2, members: 15 },
    { split: 'none', bands: null, union_id: null, groups: 0, members: 0 },
  ]);
  // Thirty of thirty used it: that far a noise hardly ever goes.
  expect(first[0]?.users).toBeGreaterThanOrEqual(15);
  expect(first[3]?.users).toBeLessThanOrEqual(15);
  expect((await lines(host)).map(({ split }) => split)).toEqual(['none']);
  // Whoever joins later, or asks again, gets the same.
  await join(1, tiny, '1950-06-15');
  await rolled(sql);
  expect(await lines(home)).toEqual(first);
});

test('negative control: without merging, the group of three has a line of its own', async () => {
  await sql`delete from take_up where month = '2026-10-01'`;
  await without(
    sql,
    'draw_up_take_up',
    [
      ['< 10', '< 2'],
      ['>= 10', '>= 2'],
    ],
    async () => {
      await rolled(sql);
    },
  );
  expect((await lines(home)).map(({ members }) => members)).toContain(5);
});
