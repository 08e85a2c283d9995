// Risk: a history nobody thought of. redeem() against a naive model of the rules, over random histories.
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildCity, idIn, type Item, type Member, type Pool } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';
import { outcomesOf } from '../support/redeem.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
const { home, host, hostEnterprise } = city.unions;

const limit = 3;
const quantityMax = 2;
const memberCount = 3;
const benefitCount = 2;

type Ask = { member: number; benefit: number; quantity: number; pass: number; id: number };
type Step =
  | { kind: 'redeem'; asks: Ask[] }
  | { kind: 'reverse'; id: number }
  | { kind: 'cap'; benefit: number; pool: Pool; cap: number }
  | { kind: 'nextDay' };

const upTo = (max: number) => fc.nat({ max });
const ask: fc.Arbitrary<Ask> = fc.record({
  member: upTo(memberCount - 1),
  benefit: upTo(benefitCount - 1),
  quantity: fc.integer({ min: 1, max: quantityMax + 1 }),
  pass: upTo(3),
  id: upTo(5),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('redeem' as const),
      asks: fc.array(ask, { minLength: 1, maxLength: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('reverse' as const), id: upTo(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('cap' as const),
      benefit: upTo(benefitCount - 1),
      pool: fc.constantFrom<Pool>(home, host, 'shared'),
      cap: upTo(4),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('nextDay' as const) }) },
);

type Use = Ask & { day: number; pool: string; isReversed: boolean };

/** The rules as one would tell them, one item after the other, with nothing that is fast. */
class Model {
  day = 0;
  uses: Use[] = [];
  readonly caps = new Map<string, number>();
  readonly homes: number[];

  constructor(homes: number[]) {
    this.homes = homes;
  }

  redeem(asked: Ask): string {
    const { member, benefit, quantity, pass, id } = asked;
    const taken = this.uses.find((use) => use.id === id && use.member === member);
    if (taken) {
      const isSame =
        taken.benefit === benefit && taken.pass === pass && taken.quantity === quantity;
      return isSame ? 'replayed' : 'exists_with_different_content';
    }
    if (quantity > quantityMax) return 'quantity_too_large';
    const own = this.uses.filter((use) => use.member === member && use.benefit === benefit);
    if (own.some((use) => use.pass === pass)) return 'pass_already_used';
    const today = own.filter((use) => use.day === this.day && !use.isReversed);
    if (unitsOf(today) + quantity > limit) return 'limit_reached';
    const pools = [`${benefit}/${this.homes[member]}`, `${benefit}/shared`];
    const pool = pools.find((name) => this.left(name) >= quantity);
    if (pool === undefined) return 'quota_exhausted';
    this.uses.push({ ...asked, day: this.day, pool, isReversed: false });
    return 'accepted';
  }

  reverse(id: number, member: number): string {
    const use = this.uses.find((one) => one.id === id && one.member === member);
    if (!use) return 'not_found';
    if (use.isReversed) return 'already_reversed';
    use.isReversed = true;
    return 'reversed';
  }

  /** False where the cap would be below what is used. */
  setCap(pool: string, cap: number): boolean {
    if (this.used(pool) > cap) return false;
    this.caps.set(pool, cap);
    return true;
  }

  used(pool: string): number {
    return unitsOf(this.uses.filter((use) => use.pool === pool && !use.isReversed));
  }

  left(pool: string): number {
    return (this.caps.get(pool) ?? 0) - this.used(pool);
  }
}

const unitsOf = (uses: Use[]) => uses.reduce((sum, use) => sum + use.quantity, 0);

/** The same history in the database: members, benefits and allocations of its own. */
async function prepare() {
  const members: Member[] = [
    await city.addMember(),
    await city.addMember(),
    await city.addMember({ enterprise: hostEnterprise }),
  ];
  const benefits: number[] = [];
  const model = new Model([home, home, host]);
  for (let i = 0; i < benefitCount; i += 1) {
    const pools = { [home]: 2, [host]: 1, shared: 3 };
    benefits.push(await city.addBenefit({ limit: [limit, 'day'], quantityMax, pools }));
    for (const [pool, cap] of Object.entries(pools)) model.setCap(`${i}/${pool}`, cap);
  }
  return { members, benefits, model };
}

const firstDay = Date.UTC(2026, 10, 18, 4);

test('any history has the answers of the rules, and adds up', { timeout: 60_000 }, async () => {
  const { userId: officer } = await city.addOfficer(city.unions.root);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const { members, benefits, model } = await prepare();
      const ids = members.map(({ cell }) => Array.from({ length: 6 }, () => idIn(cell)));
      const idOf = (member: number, id: number) => ids[member]?.[id] ?? randomUUID();
      await setClock(sql, new Date(firstDay).toISOString());

      for (const one of steps) {
        const now = new Date(firstDay + model.day * 86_400_000);
        if (one.kind === 'nextDay') {
          model.day += 1;
          await setClock(sql, new Date(now.getTime() + 86_400_000).toISOString());
        } else if (one.kind === 'cap') {
          const { benefit, cap, pool } = one;
          const isSet = await sql`
            update allocation set cap = ${cap} where benefit_id = ${benefits[benefit] ?? 0}
            and district_id is not distinct from ${pool === 'shared' ? null : pool}::int`.then(
            () => true,
            () => false,
          );
          expect(isSet).toBe(model.setCap(`${benefit}/${pool}`, cap));
        } else if (one.kind === 'reverse') {
          const expected = members.map((_, member) => model.reverse(one.id, member));
          const found: string[] = [];
          for (const [member, { cell }] of members.entries()) {
            const request = {
              id: idIn(cell),
              redemptionId: idOf(member, one.id),
              reason: 'model',
              user: officer,
              sessionAt: now.toISOString(),
              secondFactorAt: now.toISOString(),
            };
            const [row] = await sql<{ outcome: string }[]>`
              select reverse_redemption(${sql.json(request)}) ->> 'outcome' as outcome`;
            found.push(row?.outcome ?? '');
          }
          expect(found).toEqual(expected);
        } else {
          const items = one.asks.flatMap((asked): Item[] => {
            const member = members[asked.member];
            if (!member) return [];
            const item = city.item(member, benefits[asked.benefit] ?? 0, now);
            const { quantity, pass: jti } = asked;
            return [{ ...item, id: idOf(asked.member, asked.id), quantity, jti }];
          });
          const expected = one.asks.map((asked) => model.redeem(asked));
          expect(await outcomesOf(sql, items)).toEqual(expected);
        }
      }

      const used = await sql<{ pool: string; used: number }[]>`
        select array_position(${benefits}::int[], benefit_id) - 1 || '/' ||
          coalesce(district_id::text, 'shared') as pool, used
        from allocation where benefit_id in ${sql(benefits)}`;
      for (const row of used) expect(row.used).toBe(model.used(row.pool));
      expect(await sql`select * from consistency()`).toEqual([]);
    }),
    { seed: 20261123, numRuns: 40 },
  );
});
