// Risk: what is right one at a time goes wrong when many want it at once. Every race is run with its guard and without it.
import { describe, expect, test } from 'vitest';
import type { Sql, Transaction } from '../../db/client.ts';
import { buildCity, type City } from '../support/city.ts';
import { claim, type ClaimItem, claimOne, say, stateOf } from '../support/claim.ts';
import { setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { queued, race } from '../support/gate.ts';
import { redeemOne } from '../support/redeem.ts';
import { without } from '../support/vary.ts';

type Place = { sql: Sql; city: City; crowd: Sql };

async function place(): Promise<Place> {
  const database = await createDatabase();
  return {
    sql: database.sql,
    city: await buildCity(database.sql),
    crowd: database.connect({ max: 64, settings: { deadlock_timeout: '50ms' } }),
  };
}

const sound = await place();
staysConsistent(sound.sql);
/** Where guards and constraints are taken out. */
const unguarded = await place();
await unguarded.sql`alter table allocation drop constraint allocation_used`;
await unguarded.sql`alter table session drop constraint session_taken`;
await unguarded.sql`drop trigger claim_moves_forward on claim`;

const memberLock: [string, string] = [
  'order by m.cell, m.id\n  for no key update of m',
  'order by m.cell, m.id',
];
const sessionLock: [string, string] = [
  'order by s.id\n      for no key update of s',
  'order by s.id',
];
const poolLocks: [string, string] = [
  'order by a.id\n      for no key update of a',
  'order by a.id',
];

const confirmLocks: [string, string][] = [
  ['m.id = c.member_id\n  for no key update;', 'm.id = c.member_id;'],
  ['l.id = c.id for update;', 'l.id = c.id;'],
];

/** Stops every claim just before it is written, when all its decisions are made. */
const beforeWriting = (tx: Transaction) => tx`lock table claim in share mode`;

async function outcomesOf(sql: Sql, items: ClaimItem[]): Promise<string[]> {
  try {
    return (await claim(sql, items)).map(({ outcome, state }) => state ?? outcome);
  } catch (error) {
    return items.map(() => (error instanceof Error ? error.message : String(error)));
  }
}

/** Sends each batch on a connection of its own, all of them decided before any is written; counts the outcomes. */
async function claimAtOnce({ sql, crowd }: Place, batches: ClaimItem[][]) {
  const answers = await race(sql, batches.length, beforeWriting, () =>
    batches.map((batch) => outcomesOf(crowd, batch)),
  );
  return counted(answers.flat());
}

function counted(words: readonly string[]): Record<string, number> {
  const byWord = Map.groupBy(words, (word) => word);
  return Object.fromEntries([...byWord].map(([word, all]) => [word, all.length]));
}

describe('the last seats', () => {
  const contend = async (where: Place, connections: number, items: number, waits = false) => {
    const { city } = where;
    const benefit = await city.addBenefit();
    await city.letClaim(benefit);
    const session = await city.addSession(benefit, { cap: 7 });
    const members = await Promise.all(
      Array.from({ length: connections * items }, () => city.addMember()),
    );
    const all = members.map((member) => ({ ...city.claimItem(member, benefit, session), waits }));
    const batches = Array.from({ length: connections }, (_, i) =>
      all.slice(i * items, (i + 1) * items),
    );
    return claimAtOnce(where, batches);
  };

  test.each([
    [16, 1],
    [64, 1],
    [16, 3],
  ])('go to exactly as many: %i connections × %i', async (n, items) => {
    expect(await contend(sound, n, items)).toEqual({ confirmed: 7, session_full: n * items - 7 });
  });

  test('and whoever would rather wait waits', async () => {
    expect(await contend(sound, 16, 1, true)).toEqual({ confirmed: 7, waiting: 9 });
  });

  test('without the session’s lock they are given more than once', async () => {
    const outcomes = await without(unguarded.sql, 'claim', [sessionLock, poolLocks], () =>
      contend(unguarded, 16, 1),
    );
    expect(outcomes['confirmed']).toBeGreaterThan(7);
  });

  test('without it the constraint still holds', async () => {
    const outcomes = await without(sound.sql, 'claim', [sessionLock, poolLocks], () =>
      contend(sound, 16, 1),
    );
    expect(outcomes['confirmed']).toBeLessThanOrEqual(7);
  });
});

describe('one member’s limit', () => {
  const contend = async (where: Place) => {
    const { city } = where;
    const member = await city.addMember();
    const benefit = await city.addBenefit({ limit: [2, 'month'] });
    await city.letClaim(benefit);
    const sessions = await Promise.all(
      ['03', '04', '05'].map((day) =>
        city.addSession(benefit, { startsAt: `2080-06-${day}T10:00:00+08:00` }),
      ),
    );
    return claimAtOnce(
      where,
      Array.from({ length: 15 }, (_, i) => [city.claimItem(member, benefit, sessions[i % 3] ?? 0)]),
    );
  };

  test('holds over connections and sessions', async () => {
    expect(await contend(sound)).toEqual({ confirmed: 2, limit_reached: 13 });
  });

  test('is broken without the member’s lock', async () => {
    const outcomes = await without(unguarded.sql, 'claim', [memberLock], () => contend(unguarded));
    expect(outcomes['confirmed']).toBeGreaterThan(2);
  });
});

describe('one held claim', () => {
  /** Confirmed, cancelled and expired at the very instant it runs out, or a moment before. */
  const contend = async (where: Place, isOver: boolean) => {
    const { sql, city, crowd } = where;
    const member = await city.addMember();
    const benefit = await city.addBenefit();
    await city.letClaim(benefit, { holdMinutes: 5 });
    const session = await city.addSession(benefit, { cap: 1 });
    await setClock(sql, '2026-11-30T10:00:00+08:00');
    const item = city.claimItem(member, benefit, session);
    await claimOne(sql, item);
    await setClock(sql, `2026-11-30T10:0${isOver ? '5:00' : '4:59'}+08:00`);
    await race(
      sql,
      isOver ? 3 : 2,
      (tx) => tx`select from claim where id = ${item.id} for update`,
      () => [
        say(crowd, 'confirm_claim', item.id, member).then(({ outcome }) => outcome),
        say(crowd, 'cancel_claim', item.id, member).then(({ outcome }) => outcome),
        crowd`select expire_claims(${benefit})`.then(() => 'seen to'),
      ],
    );
    const told = await sql<{ state: string }[]>`
      select state from claim_event where claim_id = ${item.id} order by id`;
    await setClock(sql, null);
    return { told: told.map(({ state }) => state), state: await stateOf(sql, item.id) };
  };

  test.each([true, false])(
    'comes to one end, whatever comes at once (over: %s)',
    async (isOver) => {
      for (let round = 0; round < 5; round++) {
        const { told, state } = await contend(sound, isOver);
        expect(told[0]).toBe('held');
        expect(told.at(-1)).toBe(state);
        // Confirming and then cancelling is the member’s right; nothing else may follow an end.
        expect([
          ['held', 'confirmed'],
          ['held', 'cancelled'],
          ['held', 'expired'],
          ['held', 'confirmed', 'cancelled'],
        ]).toContainEqual(told);
        if (isOver) expect(state).not.toBe('confirmed');
      }
    },
  );

  test('comes back from its end without the locks of who confirms, and the trigger', async () => {
    const { sql, city, crowd } = unguarded;
    const member = await city.addMember();
    const benefit = await city.addBenefit();
    await city.letClaim(benefit, { holdMinutes: 5 });
    const item = city.claimItem(member, benefit, await city.addSession(benefit, { cap: 1 }));
    await claimOne(sql, item);
    await without(sql, 'confirm_claim', confirmLocks, () =>
      race(
        sql,
        2,
        (tx) => tx`select from claim where id = ${item.id} for update`,
        () => [
          say(crowd, 'cancel_claim', item.id, member),
          queued(sql, 1).then(() => say(crowd, 'confirm_claim', item.id, member)),
        ],
      ),
    );
    expect(await stateOf(sql, item.id)).toBe('confirmed');
  });
});

describe('a cap that is lowered in the middle of a drop', () => {
  const contend = async (where: Place) => {
    const { sql, city, crowd } = where;
    const benefit = await city.addBenefit();
    await city.letClaim(benefit);
    const session = await city.addSession(benefit, { cap: 10 });
    const members = await Promise.all(Array.from({ length: 16 }, () => city.addMember()));
    const answers = await race(
      sql,
      17,
      (tx) => tx`select from session where id = ${session} for update`,
      () => [
        ...members.map((member) => outcomesOf(crowd, [city.claimItem(member, benefit, session)])),
        // After some claims, whose places it meets.
        queued(sql, 12)
          .then(() => crowd<{ done: boolean }[]>`select resize_session(${session}, 4) as done`)
          .then((rows) => [String(rows[0]?.done)]),
      ],
    );
    const [row] = await sql<{ taken: number; cap: number }[]>`
      select taken, cap from session where id = ${session}`;
    return { counts: counted(answers.flat()), ...row };
  };

  test('takes nothing away, and nobody gets more', async () => {
    const { counts, taken = 0, cap = 0 } = await contend(sound);
    expect(counts['confirmed']).toBe(taken);
    expect(taken).toBe(cap);
    expect(counts['true'] === 1 ? cap : 4).toBe(4);
  });

  test('would, without the look at what is taken', async () => {
    // PostgreSQL promises no order to who waits for a row: a cap that happens to come before the fifth is kept.
    const contendUntilBroken = async (rounds: number): Promise<number> => {
      const { taken = 0, cap = 0 } = await contend(unguarded);
      return taken > cap || rounds <= 1 ? taken - cap : contendUntilBroken(rounds - 1);
    };
    const over = await without(
      unguarded.sql,
      'resize_session',
      [[' and x.taken <= p_cap', '']],
      () => contendUntilBroken(10),
    );
    expect(over).toBeGreaterThan(0);
  });
});

describe('one offer', () => {
  const contend = async ({ sql, city, crowd }: Place) => {
    const [first, second] = [await city.addMember(), await city.addMember()];
    const benefit = await city.addBenefit();
    await city.letClaim(benefit);
    const session = await city.addSession(benefit, { cap: 1 });
    const taken = city.claimItem(first, benefit, session);
    const waits = { ...city.claimItem(second, benefit, session), waits: true };
    await claim(sql, [taken, waits]);
    await say(sql, 'cancel_claim', taken.id, first);
    const others = await Promise.all(Array.from({ length: 8 }, () => city.addMember()));
    const answers = await race(
      sql,
      8,
      (tx) => tx`select from claim where id = ${waits.id} for update`,
      () => [
        ...Array.from({ length: 8 }, async () => [
          (await say(crowd, 'confirm_claim', waits.id, second)).outcome,
        ]),
        ...others.map((other) => outcomesOf(crowd, [city.claimItem(other, benefit, session)])),
      ],
    );
    return counted(answers.flat());
  };

  test('is taken once by eight phones of one member, and its place by nobody else', async () => {
    expect(await contend(sound)).toEqual({ confirmed: 1, replayed: 7, session_full: 8 });
  });

  test('is taken by each of them without the locks', async () => {
    const outcomes = await without(unguarded.sql, 'confirm_claim', confirmLocks, () =>
      contend(unguarded),
    );
    expect(outcomes['confirmed']).toBeGreaterThan(1);
  });
});

describe('a wave', () => {
  const contend = async (where: Place) => {
    const { sql, city, crowd } = where;
    const benefit = await city.addBenefit();
    await city.letClaim(benefit, { kind: 'drop', opensAt: '2026-12-01T10:00:00+08:00' });
    const session = await city.addSession(benefit, { cap: 0 });
    await city.addWave(benefit, '2026-12-01T10:00:00+08:00', { [session]: 5 });
    await setClock(sql, '2026-12-01T10:00:02.999+08:00');
    const members = await Promise.all(Array.from({ length: 16 }, () => city.addMember()));
    const items = members.map((member) => city.claimItem(member, benefit, session));
    // Their entries are decided, and not written yet, when somebody draws.
    await race(sql, 20, beforeWriting, () => [
      ...items.map((item) => outcomesOf(crowd, [item])),
      queued(sql, items.length)
        .then(() => setClock(sql, '2026-12-01T10:00:03+08:00'))
        .then(() =>
          Promise.all(Array.from({ length: 4 }, () => crowd`select open_waves(${benefit})`)),
        )
        .then(() => []),
    ]);
    const states = await sql<{ state: string }[]>`
      select state from claim where benefit_id = ${benefit}`;
    await setClock(sql, null);
    return counted(states.map(({ state }) => state));
  };

  test('is drawn once among all who entered, also those whose entry is just being written', async () => {
    expect(await contend(sound)).toEqual({ confirmed: 5, waiting: 11 });
  });

  test('forgets those without the wave’s lock', async () => {
    const states = await without(
      unguarded.sql,
      'claim',
      [['order by w.id\n      for share', 'order by w.id']],
      () => contend(unguarded),
    );
    expect(states['entered']).toBeGreaterThan(0);
  });
});

test('a scan, a cancel and a move of one claim at once leave it in one place', async () => {
  const { sql, city, crowd } = sound;
  for (let round = 0; round < 5; round++) {
    const member = await city.addMember();
    const benefit = await city.addBenefit();
    await city.letClaim(benefit, { doorMinutes: 1440 });
    const at = new Date();
    const startsAt = new Date(at.getTime() + 3_600_000).toISOString();
    const session = await city.addSession(benefit, { startsAt });
    const other = await city.addSession(benefit, { startsAt });
    const item = city.claimItem(member, benefit, session);
    await claimOne(sql, item);
    const answers = await race(
      sql,
      3,
      (tx) => tx`select from member where cell = ${member.cell} and id = ${member.id} for update`,
      () => [
        redeemOne(crowd, city.item(member, benefit, at)).then(({ outcome }) => outcome),
        say(crowd, 'cancel_claim', item.id, member).then(({ outcome }) => outcome),
        say(crowd, 'move_claim', item.id, member, { session: other }).then(
          ({ outcome }) => outcome,
        ),
      ],
    );
    const state = await stateOf(sql, item.id);
    if (state === 'used') expect(answers[0]).toBe('accepted');
    else expect(answers).toEqual(['claim_needed', 'cancelled', expect.anything()]);
  }
});
