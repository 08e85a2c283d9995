// Risk: what is right one at a time goes wrong when many do it at once. Every race is run with its guard and without it.
import { describe, expect, test } from 'vitest';
import type { Sql } from '../../db/client.ts';
import { buildCity, type City, idIn, type Item } from '../support/city.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { beforeWriting, race } from '../support/gate.ts';
import { outcomesOf } from '../support/redeem.ts';
import { without } from '../support/vary.ts';

const sound = await place();
staysConsistent(sound.sql);
/** Where guards and constraints are taken out. */
const unguarded = await place();
await unguarded.sql`alter table allocation drop constraint allocation_used`;
await unguarded.sql`drop index redemption_pass_once`;
await unguarded.sql`alter table redemption drop constraint redemption_cell`;

type Place = { sql: Sql; city: City; crowd: Sql };

async function place(): Promise<Place> {
  const database = await createDatabase();
  return {
    sql: database.sql,
    city: await buildCity(database.sql),
    crowd: database.connect({ max: 64, settings: { deadlock_timeout: '50ms' } }),
  };
}

const memberLock: [string, string] = [
  'order by m.cell, m.id\n  for no key update of m',
  'order by m.cell, m.id',
];
const counterLocks: [string, string] = [
  'order by a.id\n      for no key update of a',
  'order by a.id',
];

/** Sends each batch on a connection of its own, all of them decided before any is written; counts the outcomes. */
async function redeemAtOnce({ sql, crowd }: Place, batches: Item[][], deciding = batches.length) {
  const answers = await race(sql, deciding, beforeWriting, () =>
    batches.map((batch) => outcomesOf(crowd, batch)),
  );
  const byOutcome = Map.groupBy(answers.flat(), (outcome) => outcome);
  return Object.fromEntries([...byOutcome].map(([outcome, all]) => [outcome, all.length]));
}

describe('the last units', () => {
  const contend = async (where: Place, connections: number, items: number) => {
    const { city } = where;
    const pools = { [city.unions.home]: 5, shared: 7 };
    const benefit = await city.addBenefit({ pools });
    const members = await Promise.all(
      Array.from({ length: connections * items }, () => city.addMember()),
    );
    const batches = Array.from({ length: connections }, (_, i) =>
      members.slice(i * items, (i + 1) * items).map((member) => city.item(member, benefit)),
    );
    const outcomes = await redeemAtOnce(where, batches);
    const used = await where.sql<{ used: number }[]>`
      select used from allocation where benefit_id = ${benefit} order by district_id nulls last`;
    return { outcomes, used: used.map((row) => row.used) };
  };

  test.each([
    [16, 1],
    [64, 1],
    [16, 3],
  ])('go to exactly as many, home first, then shared: %i connections × %i', async (n, items) => {
    expect(await contend(sound, n, items)).toEqual({
      outcomes: { accepted: 12, quota_exhausted: n * items - 12 },
      used: [5, 7],
    });
  });

  test('within one batch too', async () => {
    expect(await contend(sound, 1, 20)).toEqual({
      outcomes: { accepted: 12, quota_exhausted: 8 },
      used: [5, 7],
    });
  });

  test('without the counters’ locks they are sold more than once', async () => {
    const { outcomes } = await without(unguarded.sql, 'redeem', [counterLocks], () =>
      contend(unguarded, 16, 1),
    );
    expect(outcomes['accepted']).toBeGreaterThan(12);
  });

  test('without the counters’ locks the constraint still holds', async () => {
    const { outcomes, used } = await without(sound.sql, 'redeem', [counterLocks], () =>
      contend(sound, 16, 1),
    );
    expect(outcomes['accepted']).toBeLessThanOrEqual(12);
    expect(used[0]).toBeLessThanOrEqual(5);
  });
});

describe('one member’s limit', () => {
  const contend = async (where: Place) => {
    const { city } = where;
    const member = await city.addMember();
    const benefit = await city.addBenefit({ limit: [2, 'day'] });
    const batches = Array.from({ length: 16 }, (_, i) => [
      { ...city.item(member, benefit), outlet: [city.outlet, city.homeOutlet][i % 2]?.id ?? 0 },
    ]);
    return redeemAtOnce(where, batches);
  };

  test('holds over connections, outlets and districts', async () => {
    expect(await contend(sound)).toEqual({ accepted: 2, limit_reached: 14 });
  });

  test('is broken without the member’s lock', async () => {
    const outcomes = await without(unguarded.sql, 'redeem', [memberLock], () => contend(unguarded));
    expect(outcomes['accepted']).toBeGreaterThan(2);
  });
});

describe('one pass', () => {
  const contend = async (where: Place) => {
    const { city } = where;
    const member = await city.addMember();
    const benefit = await city.addBenefit({ limit: [100, 'day'] });
    const { jti } = city.item(member, benefit);
    const batches = Array.from({ length: 50 }, () => [{ ...city.item(member, benefit), jti }]);
    return redeemAtOnce(where, batches);
  };

  test('is used once', async () => {
    expect(await contend(sound)).toEqual({ accepted: 1, pass_already_used: 49 });
  });

  test('is used again without the member’s lock and the constraint', async () => {
    const outcomes = await without(unguarded.sql, 'redeem', [memberLock], () => contend(unguarded));
    expect(outcomes['accepted']).toBeGreaterThan(1);
  });

  test('is kept by the constraint without the member’s lock', async () => {
    const outcomes = await without(sound.sql, 'redeem', [memberLock], () => contend(sound));
    expect(outcomes['accepted']).toBe(1);
  });
});

describe('one id', () => {
  const retry = async (where: Place) => {
    const { city } = where;
    const member = await city.addMember();
    const item = city.item(member, await city.addBenefit());
    return redeemAtOnce(
      where,
      Array.from({ length: 50 }, () => [item]),
    );
  };

  test('has one effect and one answer, sent fifty times at once', async () => {
    expect(await retry(sound)).toEqual({ accepted: 1, replayed: 49 });
  });

  test('is news to several of them without the member’s lock', async () => {
    const outcomes = await without(sound.sql, 'redeem', [memberLock], () => retry(sound));
    expect(outcomes['accepted']).toBeGreaterThan(1);
  });

  const claimInOneCell = async (where: Place) => {
    const { city } = where;
    const benefit = await city.addBenefit();
    const members = await Promise.all(
      Array.from({ length: 16 }, () => city.addMember({ cell: 7 })),
    );
    const id = idIn(7);
    return redeemAtOnce(
      where,
      members.map((member) => [{ ...city.item(member, benefit), id }]),
    );
  };

  test('goes to one of several members of a cell', async () => {
    expect(await claimInOneCell(sound)).toEqual({ accepted: 1, exists_with_different_content: 15 });
  });

  test('makes the others raise without the conflict clause', async () => {
    const clause: [string, string] = ['on conflict (cell, id) do nothing', ''];
    const outcomes = await without(sound.sql, 'redeem', [clause], () => claimInOneCell(sound));
    expect(outcomes).not.toHaveProperty('exists_with_different_content', 15);
  });

  const claimInTwoCells = async (where: Place, deciding: number) => {
    const { city } = where;
    const benefit = await city.addBenefit();
    const members = [await city.addMember({ cell: 7 }), await city.addMember({ cell: 9 })];
    const id = idIn(7);
    const batches = members.map((member) => [{ ...city.item(member, benefit), id }]);
    return redeemAtOnce(where, batches, deciding);
  };

  test('is of one cell: a member of another one cannot take it', async () => {
    expect(await claimInTwoCells(sound, 1)).toEqual({ accepted: 1, card_unknown: 1 });
  });

  test('is taken twice where the cell comes from the card, without the constraint', async () => {
    const byCard: [string, string] = ['cell_of(q.id)', '(q.card >> 34)::smallint'];
    const outcomes = await without(unguarded.sql, 'redeem_read_4', [byCard], () =>
      claimInTwoCells(unguarded, 2),
    );
    expect(outcomes).toEqual({ accepted: 2 });
  });
});
