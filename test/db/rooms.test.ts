// Risk: two firms stand before one door at one time, or one firm has the room all week.
import { afterEach, describe, expect, test } from 'vitest';
import type { Sql } from '../../db/client.ts';
import { buildCity, type City, idIn, type Member } from '../support/city.ts';
import { say, stateOf } from '../support/claim.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';
import { without } from '../support/vary.ts';

type Place = { sql: Sql; crowd: Sql; city: City };

async function place(): Promise<Place> {
  const database = await createDatabase();
  return {
    sql: database.sql,
    city: await buildCity(database.sql),
    crowd: database.connect({ max: 16, settings: { deadlock_timeout: '50ms' } }),
  };
}

const sound = await place();
const unguarded = await place();
await unguarded.sql`alter table session drop constraint session_room_is_free`;

afterEach(async () => {
  await setClock(sound.sql, null);
  expect(await sound.sql`select * from consistency()`).toEqual([]);
});

/** A room of the host enterprise for everybody, from 9 to 21, four hours a week for each company. */
async function openRoom({ sql, city }: Place, needsApproval = false): Promise<number> {
  await setClock(sql, '2026-11-30T08:00:00+08:00');
  const benefit = await city.addBenefit({
    ...{ union: city.unions.hostEnterprise, price: 0, limit: [100, 'month'], partners: [] },
    ...{ opensMinute: 540, closesMinute: 1260 },
  });
  await city.shareRoom(benefit, { needsApproval });
  return benefit;
}

type Ask = { from: string; to: string; people?: number; id?: string };

async function ask(sql: Sql, member: Member, benefit: number, { from, to, people = 8, id }: Ask) {
  const asked = {
    ...{ id: id ?? idIn(member.cell), benefit, people, purpose: '羽毛球' },
    ...{ from: `${from}+08:00`, to: `${to}+08:00` },
    ...{ member: null, user: member.userId, sessionAt: new Date().toISOString() },
  };
  const [row] = await sql<{ said: { outcome: string; state?: string; detail?: object } }[]>`
    select claim_room(${sql.json(asked)}) as said`;
  if (!row) throw new Error('claim_room() gave no row.');
  return { id: asked.id, ...row.said };
}

test('a neighbour firm has the room, and nobody else then; side by side is no overlap', async () => {
  const benefit = await openRoom(sound);
  const { sql, city } = sound;
  const [one, other] = [
    await city.addMember(),
    await city.addMember({ enterprise: city.unions.hostEnterprise }),
  ];
  const first = await ask(sql, one, benefit, { from: '2026-12-02T18:00', to: '2026-12-02T20:00' });
  expect(first).toMatchObject({ outcome: 'made', state: 'confirmed' });
  const again = { from: '2026-12-02T18:00', to: '2026-12-02T20:00', id: first.id };
  expect((await ask(sql, one, benefit, again)).outcome).toBe('replayed');
  const overlap = { from: '2026-12-02T19:59', to: '2026-12-02T20:59' };
  expect((await ask(sql, other, benefit, overlap)).outcome).toBe('room_taken');
  const after = { from: '2026-12-02T20:00', to: '2026-12-02T21:00' };
  expect((await ask(sql, other, benefit, after)).outcome).toBe('made');
  await say(sql, 'cancel_claim', first.id, one);
  const freed = { from: '2026-12-02T18:30', to: '2026-12-02T19:30' };
  expect((await ask(sql, other, benefit, freed)).outcome).toBe('made');
});

test('the hours of a week are one company’s together', async () => {
  const benefit = await openRoom(sound);
  const { sql, city } = sound;
  const [one, colleague, stranger] = [
    await city.addMember(),
    await city.addMember(),
    await city.addMember({ enterprise: city.unions.hostEnterprise }),
  ];
  const day = (date: string) => ({ from: `${date}T10:00`, to: `${date}T13:00` });
  expect((await ask(sql, one, benefit, day('2026-12-01'))).outcome).toBe('made');
  expect(await ask(sql, colleague, benefit, day('2026-12-02'))).toMatchObject({
    outcome: 'room_hours_used',
    detail: { minutesLeft: 60 },
  });
  expect((await ask(sql, stranger, benefit, day('2026-12-02'))).outcome).toBe('made');
  expect((await ask(sql, colleague, benefit, day('2026-12-07'))).outcome).toBe('made');
});

test('what a company had of a week stays counted, and seen, when it is over', async () => {
  const { sql, city } = sound;
  const benefit = await openRoom(sound, true);
  const [one, colleague] = [await city.addMember(), await city.addMember()];
  const had = await ask(sql, one, benefit, { from: '2026-12-01T10:00', to: '2026-12-01T13:00' });
  await sql`select decide_claim(${had.id}::uuid, true, 'owner', null)`;
  // Nobody ever answered this one.
  await ask(sql, one, benefit, { from: '2026-12-01T14:00', to: '2026-12-01T15:00' });
  await setClock(sql, '2026-12-05T09:00:00+08:00');
  await sql`select finish_sessions()`;
  expect(await stateOf(sql, had.id)).toBe('lapsed');
  const kept = await sql<{ taken: number }[]>`
    select taken from session where benefit_id = ${benefit} and cancelled_at is null`;
  expect([...kept]).toEqual([{ taken: 0 }]);
  const next = { from: '2026-12-05T10:00', to: '2026-12-05T12:00' };
  expect(await ask(sql, colleague, benefit, next)).toMatchObject({
    outcome: 'room_hours_used',
    detail: { minutesLeft: 60 },
  });
});

test('the owner says that nobody came, once it is over, for three days, and it leaves the mark', async () => {
  const { sql, city } = sound;
  const benefit = await openRoom(sound);
  await sql`update claim_terms set no_show_weight = 2 where benefit_id = ${benefit}`;
  const [absent, came, unseen] = [
    await city.addMember(),
    await city.addMember({ enterprise: city.unions.hostEnterprise }),
    await city.addMember(),
  ];
  const ids: string[] = [];
  for (const [who, hour] of [
    [absent, 10],
    [came, 12],
    [unseen, 14],
  ] as const) {
    const wish = { from: `2026-12-01T${hour}:00`, to: `2026-12-01T${hour + 1}:00` };
    ids.push((await ask(sql, who, benefit, wish)).id);
  }
  const [first = '', second = '', third = ''] = ids;
  const say = async (verb: 'attend_claim' | 'miss_claim', id: string, at: string) => {
    await setClock(sql, `${at}+08:00`);
    const [row] = await sql<{ outcome: string }[]>`
      select ${sql(verb)}(${id}::uuid, 'owner', '没有来') ->> 'outcome' as outcome`;
    return row?.outcome;
  };
  expect(await say('miss_claim', first, '2026-12-01T10:59:59')).toBe('claim_not_now');
  expect(await say('attend_claim', second, '2026-12-01T12:10')).toBe('attended');
  expect(await say('miss_claim', second, '2026-12-01T13:00')).toBe('claim_ended');
  await sql`select finish_sessions()`;
  expect(await say('miss_claim', first, '2026-12-02T09:00')).toBe('missed');
  expect(await say('miss_claim', first, '2026-12-02T09:01')).toBe('replayed');
  expect(await say('miss_claim', third, '2026-12-04T15:00')).toBe('claim_not_now');
  await sql`select finish_sessions()`;
  expect(await Promise.all(ids.map((id) => stateOf(sql, id)))).toEqual([
    ...['no_show', 'used', 'lapsed'],
  ]);
  const marks = await sql`
    select member_id as member, kind, weight from mark where claim_id = any(${ids}::uuid[])`;
  expect([...marks]).toEqual([{ member: absent.id, kind: 'no_show', weight: 2 }]);
});

test.each([
  ['2026-12-01T08:00', '2026-12-01T10:00', 'benefit_not_at_this_hour'],
  ['2026-12-01T20:30', '2026-12-01T21:30', 'room_time_impossible'],
  ['2026-12-01T10:00', '2026-12-01T10:10', 'room_time_impossible'],
  ['2026-12-01T10:00', '2026-12-01T15:00', 'room_time_impossible'],
  ['2026-12-01T20:00', '2026-12-02T09:30', 'room_time_impossible'],
  ['2026-12-01T11:00', '2026-12-01T10:00', 'room_time_impossible'],
  ['2026-11-29T10:00', '2026-11-29T11:00', 'room_time_impossible'],
  ['2027-02-01T10:00', '2027-02-01T11:00', 'room_time_impossible'],
])('from %s to %s: %s', async (from, to, outcome) => {
  const benefit = await openRoom(sound);
  const member = await sound.city.addMember();
  expect((await ask(sound.sql, member, benefit, { from, to })).outcome).toBe(outcome);
});

test('until the owner says yes it is asked for, and free again when he says no', async () => {
  const benefit = await openRoom(sound, true);
  const { sql, city } = sound;
  const member = await city.addMember();
  const wish = { from: '2026-12-01T10:00', to: '2026-12-01T11:00' };
  const asked = await ask(sql, member, benefit, wish);
  expect(asked.state).toBe('asked');
  expect((await ask(sql, await city.addMember(), benefit, wish)).outcome).toBe('room_taken');
  await sql`select decide_claim(${asked.id}::uuid, false, 'owner', '当天维修')`;
  expect(await stateOf(sql, asked.id)).toBe('refused');
  expect((await ask(sql, await city.addMember(), benefit, wish)).outcome).toBe('made');
});

describe('sixteen firms at once', () => {
  const contend = async (where: Place) => {
    const { sql, city, crowd } = where;
    const benefit = await openRoom(where);
    const members = await Promise.all(Array.from({ length: 16 }, () => city.addMember()));
    const answers = await race(
      sql,
      16,
      (tx) => tx`lock table session in share mode`,
      () =>
        members.map((member, i) =>
          ask(crowd, member, benefit, {
            from: `2026-12-01T10:0${i % 10}`,
            to: `2026-12-01T10:4${i % 10}`,
          }).then(
            ({ outcome }) => outcome,
            (error: unknown) => (error instanceof Error ? error.message : String(error)),
          ),
        ),
    );
    const [row] = await sql<{ overlaps: number }[]>`
      select count(*)::int as overlaps from session a join session b on a.id < b.id
        and a.benefit_id = b.benefit_id
        and tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)
      where a.benefit_id = ${benefit} and a.cancelled_at is null and b.cancelled_at is null`;
    return { made: answers.filter((one) => one === 'made').length, overlaps: row?.overlaps };
  };
  const locks: [string, string][] = [
    ['from room x where x.benefit_id = b.id for update', 'from room x where x.benefit_id = b.id'],
    ["perform lock_places(b.id, '{}');", ''],
  ];

  test('one of them has it', async () => {
    expect(await contend(sound)).toEqual({ made: 1, overlaps: 0 });
  });

  test('without the locks the exclusion constraint still holds', async () => {
    const found = await without(sound.sql, 'claim_room', locks, () => contend(sound));
    expect(found).toEqual({ made: 1, overlaps: 0 });
  });

  test('without both they meet before the door', async () => {
    const found = await without(unguarded.sql, 'claim_room', locks, () => contend(unguarded));
    expect(found.overlaps).toBeGreaterThan(0);
  });
});
