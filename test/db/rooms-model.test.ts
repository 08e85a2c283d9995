// Risk: a history of a shared room that nobody thought of lets two firms in at once, or counts a firm's hours wrong.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sql } from '../../db/client.ts';
import { buildCity, type City } from '../support/city.ts';
import { createDatabase } from '../support/database.ts';
import { type RoomHistory, roomHistory, type RoomStep } from '../support/model/room-history.ts';
import { roomFaults, RoomStage } from '../support/model/room-play.ts';
import { createOriginal } from '../support/original.ts';
import { without } from '../support/vary.ts';

const empty = await createOriginal(() => Promise.resolve());
/** Here nothing but the functions themselves keeps two from one room. */
const unguarded = await createOriginal(
  (sql) => sql`alter table session drop constraint session_room_is_free`,
);

/** What a failure prints replays it: `TONGKA_SEED=… npx vitest run test/db/rooms-model.test.ts`. */
const seed = Number(process.env['TONGKA_SEED'] ?? 20261130);

async function playOut(sql: Sql, city: City, history: RoomHistory): Promise<void> {
  const stage = await RoomStage.set(sql, city, history);
  for (const step of history.steps) await stage.step(step);
  expect(await roomFaults(sql, stage.benefit)).toEqual([]);
}

async function sameAsTheRules(sql: Sql) {
  const city = await buildCity(sql);
  return fc.asyncProperty(roomHistory, (history) => playOut(sql, city, history));
}

describe('one after the other', () => {
  test('any history of a room ends as the rules say', { timeout: 120_000 }, async () => {
    await empty.onCopy(async (sql) => fc.assert(await sameAsTheRules(sql), { seed, numRuns: 10 }));
  });

  test.each<[string, string, string, string]>([
    [
      'nobody asks whether the room is taken',
      ...(['claim_room', '&& tstzrange(asked."from", asked."to")', '= null'] as const),
    ],
    [
      'what was refused or given up stays taken',
      ...(['release_claims', 'when s.is_room and not', 'when false and not'] as const),
    ],
    [
      'the owner has one day to say who came',
      ...(['finished_at', "interval '3 days'", "interval '1 day'"] as const),
    ],
  ])('a mistake is found out: %s', { timeout: 120_000 }, async (_mistake, name, rule, instead) => {
    const tried = await unguarded.onCopy((sql) =>
      without(sql, name, [[rule, instead]], async () =>
        fc.check(await sameAsTheRules(sql), { seed, numRuns: 100, endOnFailure: true }),
      ),
    );
    expect(tried.failed).toBe(true);
  });

  /** An hour and a half from nine on, unless told otherwise, so many days from today. */
  const ask = (member: number, inDays: number, halfHours = 3, from = 18): RoomStep => ({
    ...{ kind: 'ask', member, inDays, from, halfHours, people: 12 },
  });
  const wait = (days: number): RoomStep => ({ kind: 'wait', minutes: days * 1440 });

  /** Orders of things that chance seldom finds. */
  test.each<[string, RoomStep[], string, string, string]>([
    [
      'the hours of a week are one member’s',
      [ask(0, 0, 4), ask(1, 0, 4, 22), ask(2, 1)],
      ...(['claim_room', 'room_minutes(b.id, a.union_id, asked."from")'] as const),
      `(select coalesce(sum(extract(epoch from s.ends_at - s.starts_at) / 60), 0)
        from claim c join session s on s.id = c.session_id and s.cancelled_at is null
        where c.benefit_id = b.id and c.member_id = m.id
          and period_start('week', s.starts_at) = period_start('week', asked."from"))`,
    ],
    [
      'what was had, and nobody saw, is nobody’s hours',
      [wait(2), ask(0, 1, 4), wait(1), ask(1, 1, 4), wait(4), ask(2, 1)],
      ...(['room_minutes', ", 'no_show', 'lapsed')", ", 'no_show')"] as const),
    ],
    [
      'who goes to another company takes his hours with him',
      [
        wait(1),
        ask(0, 2, 4),
        ask(1, 2, 4, 22),
        { kind: 'transfer', member: 0 },
        wait(1),
        ask(2, 2),
      ],
      'room_minutes',
      'and c.union_id = p_union',
      `and p_union = (
        select f.union_id from affiliation f
        where f.cell = c.cell and f.member_id = c.member_id and f.ended_at is null)`,
    ],
  ])('a mistake is found out: %s', async (_mistake, steps, name, rule, instead) => {
    const history = { needsApproval: false, pools: { home: 2, shared: 6 }, steps };
    const run = async (sql: Sql) => playOut(sql, await buildCity(sql), history);
    await empty.onCopy(async (sql) => {
      await run(sql);
      await expect(without(sql, name, [[rule, instead]], () => run(sql))).rejects.toThrow();
    });
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

  /** Eight at a time. */
  const holds = ({ sql, crowd, city }: Place) =>
    fc.asyncProperty(roomHistory, async (history) => {
      const stage = await RoomStage.set(sql, city, history);
      for (let i = 0; i < history.steps.length; i += 8) {
        await stage.together(crowd, history.steps.slice(i, i + 8));
        expect(await roomFaults(sql, stage.benefit)).toEqual([]);
      }
    });

  test('whatever runs beside what, the room is one firm’s', { timeout: 120_000 }, async () => {
    await fc.assert(holds(await place()), {
      seed,
      numRuns: Number(process.env['RUNS'] ?? 6),
      endOnFailure: true,
    });
  });

  test('not without the room’s lock', { timeout: 120_000 }, async () => {
    const where = await place();
    await where.sql`alter table session drop constraint session_room_is_free`;
    const locks: [string, string][] = [
      ['from room x where x.benefit_id = b.id for update', 'from room x where x.benefit_id = b.id'],
      ["perform lock_places(b.id, '{}');", ''],
    ];
    const tried = await without(where.sql, 'claim_room', locks, () =>
      fc.check(holds(where), { seed, numRuns: 100, endOnFailure: true }),
    );
    expect(tried.failed).toBe(true);
  });
});
