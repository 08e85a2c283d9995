// Risk: some order of ordinary changes promises more money than a budget has, or a refused one leaves half of it behind.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildCity, idIn } from '../support/city.ts';
import { createDatabase } from '../support/database.ts';
import { without } from '../support/vary.ts';

const { sql } = await createDatabase();
const year = new Date().getUTCFullYear();

type Step =
  | { kind: 'cap' | 'topUp'; pool: number; units: number }
  | { kind: 'open'; units: number }
  | { kind: 'price'; fen: number }
  | { kind: 'rule'; rule: number }
  | { kind: 'redeem'; from: number; quantity: number }
  | { kind: 'return' | 'reverse' | 'release' };

const rules = [
  null,
  [
    { payer: 'city', parts: 1 },
    { payer: 'home', parts: 2 },
  ],
  [
    { payer: 'co_payment', amountFen: 300 },
    { payer: 'city', parts: 1, capFen: 200 },
    { payer: 'owner', parts: 1 },
  ],
];

const one = <T extends object>(kind: Step['kind'], rest: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record({ kind: fc.constant(kind), ...rest }) as unknown as fc.Arbitrary<Step>;
const pool = fc.nat(2);
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: one<{ pool: number; units: number }>('cap', { pool, units: fc.nat(30) }),
  },
  one<{ pool: number; units: number }>('topUp', { pool: fc.nat(1), units: fc.nat(9) }),
  {
    weight: 2,
    arbitrary: one<{ units: number }>('open', { units: fc.integer({ min: 1, max: 9 }) }),
  },
  one<object>('return', {}),
  one<{ fen: number }>('price', { fen: fc.integer({ min: 1, max: 2000 }) }),
  one<{ rule: number }>('rule', { rule: fc.nat(rules.length - 1) }),
  {
    weight: 4,
    arbitrary: one<{ from: number; quantity: number }>('redeem', {
      from: fc.nat(1),
      quantity: fc.integer({ min: 1, max: 5 }),
    }),
  },
  one<object>('reverse', {}),
  one<object>('release', {}),
);

/** A city of its own, one benefit, and budgets that a few steps use up. */
async function begin() {
  const city = await buildCity(sql);
  const { root, home, host } = city.unions;
  const benefit = await city.addBenefit({
    price: 1000,
    quantityMax: 5,
    limit: [1000, 'total'],
    pools: { [home]: 0, [host]: 0, shared: 0 },
  });
  await sql`
    update allocation set union_id = coalesce(district_id, ${root}) where benefit_id = ${benefit}`;
  await sql`
    update budget set amount_fen = 20000
    where year = ${year} and union_id in ${sql([root, home, host])}`;
  const members = [
    await city.addMember(),
    await city.addMember({ enterprise: city.unions.hostEnterprise }),
  ] as const;
  const pools = await sql<{ id: number }[]>`
    select id from allocation where benefit_id = ${benefit} order by district_id nulls last`;
  return { city, benefit, members, pools: pools.map(({ id }) => id), uses: [] as string[] };
}

type World = Awaited<ReturnType<typeof begin>>;

/** All that a refusal must leave as it was. */
async function look({ city, benefit }: World) {
  const { root, home, host } = city.unions;
  const [seen] = await sql<{ over: number; all: unknown }[]>`
    select count(*) filter (where s.used_fen + s.reserved_fen > s.amount_fen)::int as over,
      jsonb_build_array(jsonb_agg(to_jsonb(s) order by s.id), (
        select jsonb_agg(to_jsonb(a) order by a.id) from allocation a where a.benefit_id = ${benefit}), (
        select jsonb_build_array(b.price_fen, b.funding) from benefit b where b.id = ${benefit})) as all
    from budget g cross join lateral budget_states(array[g.id]) s
    where g.year = ${year} and g.union_id in ${sql([root, home, host])}`;
  if (!seen) throw new Error('There are no budgets.');
  return seen;
}

/** One change as its verb makes it: locks, the change, what it reserves; whether it was taken. */
async function take(world: World, asked: Step): Promise<boolean> {
  const { city, benefit, pools } = world;
  const locked = (change: (tx: typeof sql) => Promise<unknown>) =>
    sql
      .begin(async (tx) => {
        await tx`select from benefit where id = ${benefit} for no key update`;
        await tx`select lock_budgets(${benefit})`;
        await change(tx as unknown as typeof sql);
      })
      .then(
        () => true,
        (error: unknown) => {
          // Money that is not there, or places that are used.
          if (['TK001', '23514'].includes((error as { code: string }).code)) return false;
          throw error;
        },
      );
  const [first = 0, , shared = 0] = pools;
  switch (asked.kind) {
    case 'cap':
      return locked(async (tx) => {
        const id = pools[asked.pool] ?? 0;
        await tx`update allocation set cap = topped + ${asked.units} where id = ${id}`;
        await tx`select reserve_allocation(${id})`;
      });
    case 'topUp':
      return locked(async (tx) => {
        const id = pools[asked.pool] ?? 0;
        await tx`
          update allocation set cap = cap - topped + ${asked.units}, topped = ${asked.units} where id = ${id}`;
        await tx`select reserve_allocation(${id})`;
      });
    case 'open':
      return locked(async (tx) => {
        await tx`
          update allocation set cap = cap + case when id = ${first} then ${-asked.units}::int else ${asked.units}::int end
          where id in (${first}, ${shared})`;
        await tx`
          insert into opening (from_id, to_id, units, returns_at, opened_at)
          values (${first}, ${shared}, ${asked.units}, clock(), clock())`;
        await tx`select reserve_allocation(${first}), reserve_allocation(${shared})`;
      });
    case 'price':
    case 'rule':
      return locked(async (tx) => {
        if (asked.kind === 'price')
          await tx`update benefit set price_fen = ${asked.fen} where id = ${benefit}`;
        else {
          const rule = rules[asked.rule] ?? null;
          await tx`update benefit set funding = ${rule && tx.json(rule)} where id = ${benefit}`;
        }
        await tx`select reserve_benefit(${benefit})`;
      });
    case 'return':
      await sql`select return_openings(clock())`;
      return true;
    case 'release':
      await sql`select release_reservations()`;
      return true;
    case 'redeem': {
      const member = world.members[asked.from] ?? world.members[0];
      const item = { ...city.item(member, benefit), quantity: asked.quantity };
      const [answer] = await sql<{ outcome: string }[]>`
        select outcome from redeem(${sql.json([item])})`;
      if (answer?.outcome === 'accepted') world.uses.push(item.id);
      return answer?.outcome === 'accepted';
    }
    case 'reverse': {
      const use = world.uses.pop();
      if (use === undefined) return false;
      const [cell] = await sql<{ cell: number }[]>`select cell from redemption where id = ${use}`;
      const [undone] = await sql<{ isDone: boolean }[]>`
        select undo_redemption(r, ${idIn(cell?.cell ?? 0)}::uuid, 'service', '试', clock()) as "isDone"
        from redemption r where r.id = ${use}`;
      return undone?.isDone === true;
    }
  }
}

async function search(runs: number): Promise<{ taken: number; refused: number }> {
  const told = { taken: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 24 }), async (steps) => {
      const world = await begin();
      let before = await look(world);
      for (const asked of steps) {
        const isTaken = await take(world, asked);
        const after = await look(world);
        expect(after.over, JSON.stringify(asked)).toBe(0);
        if (!isTaken) expect(after, JSON.stringify(asked)).toEqual(before);
        told[isTaken ? 'taken' : 'refused'] += 1;
        before = after;
      }
    }),
    { numRuns: runs, seed: 12, endOnFailure: true },
  );
  return told;
}

test('in any order of changes used and reserved stay within every budget, and a refusal changes nothing', async () => {
  const { taken, refused } = await search(15);
  expect(taken).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(20);
});

test('a change of price or rule that takes the money for granted is found', async () => {
  const careless: [string, string][] = [
    ['perform reserve_allocation(a.id, p_checks)', 'perform reserve_allocation(a.id, false)'],
  ];
  await without(sql, 'reserve_benefit', careless, async () => {
    await expect(search(15)).rejects.toThrow('Property failed');
  });
});
