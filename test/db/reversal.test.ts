// Risk: an undone use gives back too much, too little, to the wrong place, twice, or to somebody who may not undo it.
import { describe, expect, test } from 'vitest';
import { buildCity, idIn, type Item, type Member } from '../support/city.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';
import { outcomesOf, redeemOne } from '../support/redeem.ts';
import { without } from '../support/vary.ts';

const database = await createDatabase();
const { sql } = database;
const crowd = database.connect({ max: 32 });
const city = await buildCity(sql);
staysConsistent(sql);

const noon = new Date('2026-11-18T04:00:00Z');
await setClock(sql, noon.toISOString());

type Request = {
  id: string;
  redemptionId: string;
  reason: string;
  user: string;
  sessionAt: string;
  secondFactorAt: string | null;
};

/** How the operator who made it undoes it. */
function undo(item: Item): Request {
  return {
    id: idIn(item.cell),
    redemptionId: item.id,
    reason: 'wrong benefit',
    user: item.user,
    sessionAt: noon.toISOString(),
    secondFactorAt: null,
  };
}

async function reverse(
  request: Request,
  by = sql,
): Promise<{ outcome: string; at: string | null }> {
  const [row] = await by<{ answer: { outcome: string; at: string | null } }[]>`
    select reverse_redemption(${by.json(request)}) as answer`;
  if (!row) throw new Error('reverse_redemption() answered nothing.');
  return row.answer;
}

const outcomes = (...items: Item[]) => outcomesOf(sql, items);

async function redeemed(options: Parameters<typeof city.addBenefit>[0] = {}) {
  await setClock(sql, noon.toISOString());
  const member = await city.addMember();
  const benefit = await city.addBenefit(options);
  const item = city.item(member, benefit, noon);
  expect(await outcomes(item)).toEqual(['accepted']);
  return { member, benefit, item };
}

const next = (member: Member, benefit: number) => city.item(member, benefit, noon);

describe('a reversal', () => {
  test.each(['home', 'shared'] as const)(
    'gives a %s unit back where it came from',
    async (pool) => {
      const { home } = city.unions;
      const pools = pool === 'home' ? { [home]: 1, shared: 1 } : { [home]: 0, shared: 1 };
      const { item, benefit } = await redeemed({ pools });
      await reverse(undo(item));
      const used = await sql<{ used: number }[]>`
      select used from allocation where benefit_id = ${benefit}`;
      expect(used.map((row) => row.used)).toEqual([0, 0]);
    },
  );

  test('is seen by the next statement: another member takes the last unit', async () => {
    const { item, benefit } = await redeemed({ pools: { shared: 1 } });
    const other = await city.addMember();
    expect(await outcomes(next(other, benefit))).toEqual(['quota_exhausted']);
    await reverse(undo(item));
    expect(await outcomes(next(other, benefit))).toEqual(['accepted']);
  });

  test('frees the member’s limit, but never the pass', async () => {
    const { item, member, benefit } = await redeemed();
    expect(await outcomes(next(member, benefit))).toEqual(['limit_reached']);
    await reverse(undo(item));
    expect(await outcomes({ ...next(member, benefit), jti: item.jti })).toEqual([
      'pass_already_used',
    ]);
    expect(await outcomes(next(member, benefit))).toEqual(['accepted']);
  });

  test('frees the period of the original, not today', async () => {
    const { item, member, benefit } = await redeemed({ limit: [1, 'day'] });
    await moveClock(sql, '1 day');
    const tomorrow = new Date(noon.getTime() + 86_400_000);
    expect(await outcomes(city.item(member, benefit, tomorrow))).toEqual(['accepted']);
    const officer = await city.addOfficer(city.unions.root);
    const request = { ...undo(item), user: officer.userId, secondFactorAt: noon.toISOString() };
    expect(await reverse(request)).toMatchObject({ outcome: 'reversed' });
    expect(await outcomes(city.item(member, benefit, tomorrow))).toEqual(['limit_reached']);
  });

  test('sends the money back', async () => {
    const { item } = await redeemed({ price: 700, quantityMax: 1 });
    await reverse(undo(item));
    const legs = await sql`
      select kind, payer_id, payee_id, amount_fen from transfer
      where redemption_id = ${item.id} order by kind`;
    expect(legs.map((leg) => leg['kind'])).toEqual(['redemption', 'reversal']);
    expect([legs[1]?.['payer_id'], legs[1]?.['payee_id'], legs[1]?.['amount_fen']]).toEqual([
      legs[0]?.['payee_id'],
      legs[0]?.['payer_id'],
      700,
    ]);
  });

  test('is answered the same again; with other content it is refused', async () => {
    const { item } = await redeemed();
    const request = undo(item);
    const first = await reverse(request);
    await moveClock(sql, '1 minute');
    expect(await reverse(request)).toEqual({ ...first, outcome: 'replayed' });
    expect(await reverse({ ...request, reason: 'another' })).toMatchObject({
      outcome: 'exists_with_different_content',
    });
  });

  test('happens once', async () => {
    const { item } = await redeemed();
    const first = await reverse(undo(item));
    expect(await reverse(undo(item))).toEqual({ outcome: 'already_reversed', at: first.at });
  });

  test('leaves the answer to the redemption’s id as it was', async () => {
    const { item } = await redeemed();
    await reverse(undo(item));
    const answer = await redeemOne(sql, item);
    expect(answer).toMatchObject({ outcome: 'replayed', memberLeft: 0 });
  });
});

describe('many reversals at once', () => {
  const contend = async () => {
    const { item, benefit } = await redeemed();
    const answers = await race(
      sql,
      32,
      (tx) => tx`lock table reversal in share mode`,
      () =>
        Array.from({ length: 32 }, () =>
          reverse(undo(item), crowd).catch((error: unknown) => ({ outcome: String(error) })),
        ),
    );
    const [left] = await sql<{ used: number }[]>`
      select used from allocation where benefit_id = ${benefit}`;
    return {
      reversed: answers.filter(({ outcome }) => outcome === 'reversed').length,
      answers,
      left,
    };
  };

  test('undo it once', async () => {
    const { reversed, answers, left } = await contend();
    expect(reversed).toBe(1);
    expect(answers.filter(({ outcome }) => outcome === 'already_reversed')).toHaveLength(31);
    expect(left?.used).toBe(0);
  });

  test('are stopped by the constraint, not by an answer, without the member’s lock', async () => {
    const { answers } = await without(
      sql,
      'reverse_redemption',
      [['m.id = r.member_id for no key update', 'm.id = r.member_id']],
      contend,
    );
    expect(answers.filter(({ outcome }) => outcome === 'already_reversed')).toHaveLength(0);
    expect(answers.filter(({ outcome }) => outcome.includes('reversal_once'))).toHaveLength(31);
  });

  test('and a redemption of the same member do not deadlock', async () => {
    const pairs = await Promise.all(
      Array.from({ length: 8 }, () => redeemed({ limit: [9, 'day'] })),
    );
    const results = await Promise.all(
      pairs.flatMap(({ item, member, benefit }) => [
        reverse(undo(item), crowd).then(({ outcome }) => outcome),
        outcomesOf(crowd, [next(member, benefit)]).then(([outcome]) => outcome),
      ]),
    );
    expect(results).toEqual(pairs.flatMap(() => ['reversed', 'accepted']));
  });
});

describe('who may undo', () => {
  const officerOf = async (union: number, role?: 'administrator' | 'viewer') => ({
    ...(await city.addOfficer(union, role)),
    secondFactor: true,
  });
  const { root, home, host, homeEnterprise } = city.unions;

  const people: Record<
    string,
    [() => Promise<{ user: string; secondFactor?: boolean }>, string, string]
  > = {
    'another operator of the outlet': [
      async () => ({ user: (await city.addOperator(city.outlet.partner, [city.outlet])).userId }),
      'reversed',
      'too_late',
    ],
    'the partner’s manager': [
      async () => ({ user: (await city.addOperator(city.outlet.partner, [], 'manager')).userId }),
      'reversed',
      'too_late',
    ],
    'an operator of the chain’s other outlet': [
      async () => ({
        user: (await city.addOperator(city.outlet.partner, [city.homeOutlet])).userId,
      }),
      'not_found',
      'not_found',
    ],
    'an administrator of the city, which pays': [
      async () => ({ user: (await officerOf(root)).userId, secondFactor: true }),
      'reversed',
      'reversed',
    ],
    'an administrator of the host district': [
      async () => ({ user: (await officerOf(host)).userId, secondFactor: true }),
      'reversed',
      'reversed',
    ],
    'the same without a second factor': [
      async () => ({ user: (await officerOf(host)).userId }),
      'not_found',
      'not_found',
    ],
    'a viewer of the city': [
      async () => ({ user: (await officerOf(root, 'viewer')).userId, secondFactor: true }),
      'not_found',
      'not_found',
    ],
    'an administrator of the member’s home district, which pays nothing': [
      async () => ({ user: (await officerOf(home)).userId, secondFactor: true }),
      'not_found',
      'not_found',
    ],
    'an administrator of the member’s enterprise': [
      async () => ({ user: (await officerOf(homeEnterprise)).userId, secondFactor: true }),
      'not_found',
      'not_found',
    ],
    'a stranger': [async () => ({ user: await city.addUser() }), 'not_found', 'not_found'],
    nobody: [async () => ({ user: 'nobody' }), 'session_revoked', 'session_revoked'],
  };

  test.each(Object.entries(people))('%s', async (_, [person, within, after]) => {
    for (const [delay, outcome] of [
      ['15 minutes', within],
      ['15 minutes 1 millisecond', after],
    ] as const) {
      const { item } = await redeemed();
      const { user, secondFactor = false } = await person();
      await moveClock(sql, delay);
      const secondFactorAt = secondFactor ? noon.toISOString() : null;
      expect((await reverse({ ...undo(item), user, secondFactorAt })).outcome).toBe(outcome);
    }
  });

  test('the member himself may not', async () => {
    const { item, member } = await redeemed();
    expect(await reverse({ ...undo(item), user: member.userId })).toMatchObject({
      outcome: 'not_found',
    });
  });

  test('a suspended operator may not, from the next statement on', async () => {
    const { item } = await redeemed();
    const { userId } = await city.addOperator(city.outlet.partner, [city.outlet]);
    await sql`update operator set suspended_at = clock() where user_id = ${userId}`;
    expect(await reverse({ ...undo(item), user: userId })).toMatchObject({ outcome: 'not_found' });
  });

  test('a missing redemption gets the answer of a foreign one', async () => {
    const { item } = await redeemed();
    expect(await reverse({ ...undo(item), redemptionId: idIn(item.cell) })).toEqual({
      outcome: 'not_found',
      at: null,
    });
  });
});
