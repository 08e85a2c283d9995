// Risk: a history of claims that nobody thought of gives a unit twice, keeps one from who waits for it, or goes backwards.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sql } from '../../db/client.ts';
import { buildCity, type City } from '../support/city.ts';
import { createDatabase } from '../support/database.ts';
import { type ClaimHistory, claimHistory, type ClaimStep } from '../support/model/claim-history.ts';
import { ClaimStage, faultsOf } from '../support/model/claim-play.ts';
import { createOriginal } from '../support/original.ts';
import { type Edits, without } from '../support/vary.ts';

const empty = await createOriginal(() => Promise.resolve());

/** What a failure prints replays it: `TONGKA_SEED=… npx vitest run test/db/claims-model.test.ts`. */
const seed = Number(process.env['TONGKA_SEED'] ?? 20261130);

async function playOut(sql: Sql, city: City, history: ClaimHistory): Promise<void> {
  const stage = await ClaimStage.set(sql, city, history);
  for (const step of history.steps) await stage.step(step);
  expect(await faultsOf(sql, stage.benefit)).toEqual([]);
}

async function sameAsTheRules(sql: Sql) {
  const city = await buildCity(sql);
  return fc.asyncProperty(claimHistory, (history) => playOut(sql, city, history));
}

describe('one after the other', () => {
  test('any history of claims ends as the rules say', { timeout: 120_000 }, async () => {
    await empty.onCopy(async (sql) => fc.assert(await sameAsTheRules(sql), { seed, numRuns: 50 }));
  });

  test.each<[string, string, string, string]>([
    [
      'what is given up is offered for its own session only',
      ...([
        'cancel_claim',
        '(c.benefit_id, null, now)',
        '(c.benefit_id, c.session_id, now)',
      ] as const),
    ],
    ['who waits longer comes later', 'offer_places', 'order by c.turn\n', 'order by c.turn desc\n'],
    [
      'who is at his limit is offered a place',
      'offer_places',
      'then limit_refusal(c) is null end',
      'then true end',
    ],
    ['whom to ask is not asked', 'give_places', "then 'asked'", "then 'confirmed'"],
    ['a no-show keeps his unit', 'release_claims', 'sum(g.quantity - g.used) as', '0 as'],
  ])('a mistake is found out: %s', { timeout: 120_000 }, async (_mistake, name, rule, instead) => {
    const tried = await empty.onCopy((sql) =>
      without(sql, name, [[rule, instead]], async () =>
        fc.check(await sameAsTheRules(sql), { seed, numRuns: 200, endOnFailure: true }),
      ),
    );
    expect(tried.failed).toBe(true);
  });

  const claims = (...members: number[]): ClaimStep => ({
    kind: 'claim',
    wishes: members.map((member) => ({ member, session: 0, quantity: 1, waits: true })),
  });
  const pairs = (...wishes: [member: number, session: number, waits: boolean][]): ClaimStep => ({
    kind: 'claim',
    wishes: wishes.map(([member, session, waits]) => ({ member, session, quantity: 2, waits })),
  });
  const lateCancel = (claim: number): ClaimStep[] => [claims(0), { kind: 'cancel', claim }];

  /** Orders of things that chance seldom finds. */
  test.each<[string, Partial<ClaimHistory>, ClaimStep[], string, string, string]>([
    [
      'an offer counts against no limit',
      { caps: [2, 2], pools: { home: 4, shared: 4 } },
      [
        pairs([1, 0, false], [2, 1, false]),
        pairs([0, 0, true], [0, 1, true]),
        ...[0, 1].map((claim): ClaimStep => ({ kind: 'cancel', claim })),
        ...[2, 3].map((claim): ClaimStep => ({ kind: 'confirm', claim })),
      ],
      ...(['confirm_claim', "c.state = 'offered' then", 'false then'] as const),
    ],
    [
      'a leaver keeps what he claimed',
      {},
      [claims(0), { kind: 'leave', member: 0 }],
      ...(['leave_member', 'if v_union is not null then', 'if false then'] as const),
    ],
    [
      'what a leaver held goes to nobody',
      {},
      [claims(0, 1), { kind: 'leave', member: 0 }],
      ...(['end_claims', 'perform offer_places(b.id, null, now)', 'perform 1'] as const),
    ],
    [
      'what was used in part, and is over, is undone whole',
      {},
      [
        { kind: 'claim', wishes: [{ member: 0, session: 1, quantity: 2, waits: false }] },
        ...[1440, 60, 60].map((minutes): ClaimStep => ({ kind: 'wait', minutes })),
        { kind: 'redeem', member: 0 },
        { kind: 'wait', minutes: 1440 },
        { kind: 'reverse', use: 0 },
      ],
      ...(['undo_redemption', 'c.used < c.quantity;', 'false;'] as const),
    ],
    [
      'a mark delays nobody',
      {},
      [{ kind: 'wait', minutes: 150 }, ...[0, 1, 2].flatMap(lateCancel), claims(0)],
      ...(['opening_delay', ' or COALESCE', ' or true or COALESCE'] as const),
    ],
    [
      'entries are drawn in another order than the lot’s',
      { kind: 'drop' },
      [{ kind: 'wait', minutes: 1 }, claims(0, 1, 2, 3, 0, 1, 2, 3), { kind: 'wait', minutes: 1 }],
      // As they came might happen to be the lot's order, too; the other way round never is.
      ...(['open_waves', 'order by o.lot', 'order by o.lot desc'] as const),
    ],
    [
      'a draw whose prizes are called off gives places without one',
      { kind: 'draw' },
      [
        { kind: 'claim', wishes: [{ member: 0, session: 1, quantity: 1, waits: true }] },
        { kind: 'callOff', session: 0 },
        { kind: 'callOff', session: 1 },
        { kind: 'wait', minutes: 60 },
      ],
      ...(['give_places', 'or not has_sessions', 'or session_ids is null'] as const),
    ],
  ])('a mistake is found out: %s', async (_mistake, change, steps, name, rule, instead) => {
    const oneEach = [
      [1, 1],
      [1, 1],
    ];
    const history: ClaimHistory = {
      ...{ kind: 'slot', holdMinutes: null, needsApproval: false, hasWaitList: true },
      ...{ caps: [1, 2], pools: { home: 3, shared: 3 }, units: oneEach },
      ...change,
      steps,
    };
    const run = async (sql: Sql) => playOut(sql, await buildCity(sql), history);
    await empty.onCopy(run);
    const tried = empty.onCopy((sql) => without(sql, name, [[rule, instead]], () => run(sql)));
    await expect(tried).rejects.toThrow();
  });
});

describe('many at once', () => {
  type Place = { sql: Sql; crowd: Sql; city: City };
  const place = async (): Promise<Place> => {
    const database = await createDatabase();
    return {
      sql: database.sql,
      crowd: database.connect({ max: 16, settings: { deadlock_timeout: '50ms' } }),
      city: await buildCity(database.sql),
    };
  };

  /** The first steps one by one, then eight at a time. */
  const holds = ({ sql, crowd, city }: Place) =>
    fc.asyncProperty(claimHistory, async (history) => {
      const stage = await ClaimStage.set(sql, city, history);
      for (const step of history.steps.slice(0, 4)) await stage.step(step);
      for (let i = 4; i < history.steps.length; i += 8) {
        await stage.together(crowd, history.steps.slice(i, i + 8));
        expect(await faultsOf(sql, stage.benefit)).toEqual([]);
      }
    });

  test(
    'whatever runs beside what, nothing is given twice, kept back or told twice',
    { timeout: 120_000 },
    async () => {
      await fc.assert(holds(await place()), {
        seed,
        numRuns: Number(process.env['RUNS'] ?? 60),
        endOnFailure: true,
      });
    },
  );

  test.each<[string, string, Edits]>([
    [
      'the places’ locks',
      'lock_places_of',
      [
        [
          'order by a.district_id is null, a.id\n  for no key update',
          'order by a.district_id is null, a.id',
        ],
        ['order by s.id\n  for no key update', 'order by s.id'],
      ],
    ],
  ])('not without %s', { timeout: 120_000 }, async (_guard, name, edits) => {
    const where = await place();
    const tried = await without(where.sql, name, edits, () =>
      fc.check(holds(where), { seed, numRuns: 100, endOnFailure: true }),
    );
    expect(tried.failed).toBe(true);
  });
});
