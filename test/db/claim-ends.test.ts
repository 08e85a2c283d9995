// Risk: who leaves, or a benefit that ends, keeps places that others wait for; or two ends of one claim both count.
import { afterEach, describe, expect, test } from 'vitest';
import type { Sql } from '../../db/client.ts';
import { buildCity, type City, idIn, type Item } from '../support/city.ts';
import { claim, claimOne, say, stateOf } from '../support/claim.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';
import { queued, race } from '../support/gate.ts';
import { outcomesOf, redeemOne } from '../support/redeem.ts';
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
const { sql, city } = sound;
/** Where guards and constraints are taken out, and what is left contradicts itself. */
const unguarded = await place();

afterEach(async () => {
  await setClock(sql, null);
  expect(await sql`select * from consistency()`).toEqual([]);
});

const day = '2026-12-05';

/** One session for `cap`, and a benefit with as many places. */
async function open(where: Place, { cap = 1, quantityMax = 1 } = {}) {
  await setClock(where.sql, `${day}T08:00:00+08:00`);
  const benefit = await where.city.addBenefit({
    ...{ limit: [5, 'total'], quantityMax, pools: { shared: 5 }, price: 0 },
  });
  await where.city.letClaim(benefit, { weights: [1, 1], cancelMinutes: 600 });
  const session = await where.city.addSession(benefit, { cap, startsAt: `${day}T10:00:00+08:00` });
  return { benefit, session };
}

async function toldOf(id: string) {
  const rows = await sql<{ state: string; by: string | null; reason: string | null }[]>`
    select state, by, reason from claim_event where claim_id = ${id} order by id`;
  return rows.map((row) => ({ ...row }));
}

describe('a member who leaves', () => {
  test('gives up what he claimed, without a mark, and who waits has it', async () => {
    const { benefit, session } = await open(sound);
    const [leaver, next] = [await city.addMember(), await city.addMember()];
    const item = city.claimItem(leaver, benefit, session);
    const waits = { ...city.claimItem(next, benefit, session), waits: true };
    await claim(sql, [item, waits]);
    await sql`select leave_member(${leaver.id}::bigint, ${city.unions.root}, '离职')`;
    expect(await toldOf(item.id)).toEqual([
      { state: 'confirmed', by: leaver.userId, reason: null },
      { state: 'cancelled', by: null, reason: 'member_left' },
    ]);
    expect(await stateOf(sql, waits.id)).toBe('offered');
    expect(await sql`select from mark where member_id = ${leaver.id}`).toEqual([]);
  });

  test('keeps what he used, and of what he used in part gives back the rest', async () => {
    const { benefit, session } = await open(sound, { cap: 4, quantityMax: 2 });
    const leaver = await city.addMember();
    const whole = city.claimItem(leaver, benefit, session);
    const half = { ...city.claimItem(leaver, benefit, session), quantity: 2 };
    await claim(sql, [whole, half]);
    const at = new Date(`${day}T09:30:00+08:00`);
    await setClock(sql, at.toISOString());
    const shown = { ...city.item(leaver, benefit, at) };
    expect((await redeemOne(sql, shown)).outcome).toBe('accepted');
    const again = { ...city.item(leaver, benefit, at), quantity: 1 };
    expect((await redeemOne(sql, again)).outcome).toBe('accepted');
    await sql`select leave_member(${leaver.id}::bigint, ${city.unions.root}, '离职')`;
    expect([await stateOf(sql, whole.id), await stateOf(sql, half.id)]).toEqual(['used', 'used']);
    const [pool] = await sql`
      select used, claimed from allocation where benefit_id = ${benefit}`;
    expect(pool).toEqual({ used: 2, claimed: 0 });
  });

  /** He leaves while a claim of his is being written. */
  const contend = async (where: Place, isLocked: boolean) => {
    const { benefit, session } = await open(where, { cap: 8 });
    const member = await where.city.addMember();
    await where.sql
      .begin(async (tx) => {
        await tx`lock table claim in share mode`;
        const made = claimOne(where.crowd, where.city.claimItem(member, benefit, session));
        await queued(where.sql, 1);
        const left = where.crowd`
          select leave_member(${member.id}::bigint, ${where.city.unions.root}, '离职')`.execute();
        await (isLocked ? queued(where.sql, 2) : left);
        return { both: Promise.all([made, left]) };
      })
      .then(({ both }) => both);
    const [row] = await where.sql<{ open: number }[]>`
      select count(*)::int as open from claim
      where benefit_id = ${benefit} and state = 'confirmed'`;
    return row?.open;
  };

  test('leaves nothing behind that he claimed at the same instant', async () => {
    expect(await contend(sound, true)).toBe(0);
  });

  test('would, without the member’s lock', async () => {
    const unlocked: [string, string] = ['m.id = p_member for no key update', 'm.id = p_member'];
    const left = await without(unguarded.sql, 'leave_member', [unlocked], () =>
      contend(unguarded, false),
    );
    expect(left).toBe(1);
  });
});

test('who goes to another district keeps his claim and uses it there; the new union’s clerk acts for him', async () => {
  const { benefit, session } = await open(sound);
  const member = await city.addMember();
  const item = city.claimItem(member, benefit, session);
  await claimOne(sql, item);
  const { homeEnterprise, hostEnterprise } = city.unions;
  await sql`
    insert into affiliation_transfer (
      cell, member_id, from_union_id, to_union_id, reason, asked_by, asked_at, agrees_at, state)
    values (${member.cell}, ${member.id}, ${homeEnterprise}, ${hostEnterprise}, '转会',
      ${member.userId}, clock(), clock() + interval '7 days', 'open')`;
  await sql`select transfer_member(max(id), 'member', null) from affiliation_transfer`;
  expect(await stateOf(sql, item.id)).toBe('confirmed');
  const [old, own] = [
    await city.addOfficer(homeEnterprise, 'editor'),
    await city.addOfficer(hostEnterprise, 'editor'),
  ];
  const asOfficer = { secondFactorAt: new Date().toISOString() };
  await setClock(sql, `${day}T09:30:00+08:00`);
  expect((await say(sql, 'confirm_claim', item.id, old, asOfficer)).outcome).toBe('not_found');
  expect((await say(sql, 'confirm_claim', item.id, own, asOfficer)).outcome).toBe('replayed');
  const at = new Date(`${day}T09:30:00+08:00`);
  expect((await redeemOne(sql, city.item(member, benefit, at))).outcome).toBe('accepted');
});

test('of who is erased nothing that he wrote is left, and the counting stays', async () => {
  const { benefit, session } = await open(sound);
  const member = await city.addMember();
  const asks = [{ id: 'size', kind: 'text', labelZh: '尺码', labelEn: 'Size', isRequired: true }];
  await sql`update claim_terms set questions = ${sql.json(asks)} where benefit_id = ${benefit}`;
  const item = { ...city.claimItem(member, benefit, session), answers: { size: '欧阳的尺码' } };
  await claimOne(sql, item);
  const at = new Date(`${day}T09:30:00+08:00`);
  await setClock(sql, at.toISOString());
  await redeemOne(sql, city.item(member, benefit, at));
  const room = await city.addBenefit({ ...{ price: 0, limit: [9, 'total'], partners: [] } });
  await city.letClaim(room, { kind: 'room' });
  await sql`
    insert into room (benefit_id, place_zh, place_en, people_max, minutes_a_week)
    values (${room}, '活动室', 'Room', 20, 240)`;
  const asked = {
    ...{ id: idIn(member.cell), benefit: room, people: 5, purpose: '欧阳的生日', member: null },
    ...{ from: '2026-12-08T10:00:00+08:00', to: '2026-12-08T11:00:00+08:00' },
    ...{ user: member.userId, sessionAt: at.toISOString() },
  };
  await sql`select claim_room(${sql.json(asked)})`;
  await sql`select erase_member(${member.cell}::smallint, ${member.id}::bigint)`;
  const [left] = await sql<{ text: string }[]>`
    select concat(
      (select jsonb_agg(c) from claim c where c.member_id = ${member.id}),
      (select jsonb_agg(s) from session s where s.benefit_id in (${benefit}, ${room})),
      (select jsonb_agg(e) from claim_event e where e.member_id = ${member.id})) as text`;
  expect(left?.text).toContain(item.id);
  expect(left?.text).not.toContain('欧阳');
  expect([await stateOf(sql, item.id), await stateOf(sql, asked.id)]).toEqual([
    'used',
    'cancelled',
  ]);
});

test('what is claimed of a benefit that ends is over, and everybody is told', async () => {
  const { benefit, session } = await open(sound);
  const members = [await city.addMember(), await city.addMember()];
  const items = members.map((one) => ({ ...city.claimItem(one, benefit, session), waits: true }));
  await claim(sql, items);
  await sql`update benefit set stage = 'ended' where id = ${benefit}`;
  await sql`select lapse_claims(${benefit})`;
  for (const { id } of items)
    expect((await toldOf(id)).at(-1)).toEqual({
      ...{ state: 'lapsed', by: null, reason: 'benefit_ended' },
    });
});

test('what was never used of an offer is over when its time is', async () => {
  await setClock(sql, `${day}T08:00:00+08:00`);
  const benefit = await city.addBenefit({ endsAt: `${day}T20:00:00+08:00` });
  await city.letClaim(benefit, { kind: 'offer' });
  const item = city.claimItem(await city.addMember(), benefit, null);
  expect((await claimOne(sql, item)).state).toBe('confirmed');
  await setClock(sql, `${day}T19:59:59+08:00`);
  await sql`select lapse_claims(null)`;
  expect(await stateOf(sql, item.id)).toBe('confirmed');
  await setClock(sql, `${day}T20:00:00+08:00`);
  await sql`select lapse_claims(null)`;
  expect(await stateOf(sql, item.id)).toBe('lapsed');
});

test.each(['benefit', 'partner'])(
  'nobody has missed what a paused %s did not give',
  async (what) => {
    await setClock(sql, `${day}T08:00:00+08:00`);
    const benefit = await city.addBenefit({ limit: [5, 'total'], price: 0 });
    await city.letClaim(benefit, { weights: [1, 1] });
    const session = await city.addSession(benefit, {
      ...{ cap: 2, startsAt: `${day}T10:00:00+08:00`, outlet: city.outlet.id },
    });
    const members = [await city.addMember(), await city.addMember()] as const;
    const items = members.map((one) => city.claimItem(one, benefit, session));
    await claim(sql, items);
    const at = new Date(`${day}T09:30:00+08:00`);
    await setClock(sql, at.toISOString());
    expect((await redeemOne(sql, city.item(members[0], benefit, at))).outcome).toBe('accepted');
    const stop = what === 'benefit' ? benefit : city.outlet.partner;
    await sql`update ${sql(what)} set paused_at = clock(), pause_reason = '检修' where id = ${stop}`;
    await setClock(sql, `${day}T14:00:00+08:00`);
    await sql`select finish_sessions()`;
    await sql`update ${sql(what)} set paused_at = null, pause_reason = null where id = ${stop}`;
    expect(await Promise.all(items.map(({ id }) => stateOf(sql, id)))).toEqual(['used', 'lapsed']);
    expect(await sql`select from mark where member_id = ${members[1].id}`).toEqual([]);
  },
);

describe('a scan at the instant the session is called off', () => {
  const contend = async (where: Place) => {
    const { benefit, session } = await open(where);
    const member = await where.city.addMember();
    const item = where.city.claimItem(member, benefit, session);
    await claimOne(where.sql, item);
    const at = new Date(`${day}T09:30:00+08:00`);
    await setClock(where.sql, at.toISOString());
    const [, answer] = await race<unknown>(
      where.sql,
      2,
      (tx) => tx`select from allocation where benefit_id = ${benefit} for update`,
      () => [
        where.crowd`select cancel_session(${session}, 'organiser', '停电')`,
        queued(where.sql, 1).then(() =>
          outcomesOf(where.crowd, [where.city.item(member, benefit, at)]),
        ),
      ],
    );
    return { answer, state: await stateOf(where.sql, item.id) };
  };

  test('is refused in words', async () => {
    expect(await contend(sound)).toEqual({ answer: ['claim_needed'], state: 'cancelled' });
  });

  test('would break without the second look at the claim', async () => {
    const unlooked: [string, string] = ["if counter.state <> 'confirmed' then", 'if false then'];
    const { answer } = await without(unguarded.sql, 'redeem', [unlooked], () => contend(unguarded));
    expect(answer).not.toEqual(['claim_needed']);
  });
});

describe('a use that is undone while its session is being finished', () => {
  const undo = async (by: Sql, item: Item, officer: string) => {
    const at = '2026-12-05T14:00:00+08:00';
    const asked = {
      ...{ id: idIn(item.cell), redemptionId: item.id, reason: '扫错' },
      ...{ user: officer, sessionAt: at, secondFactorAt: at },
    };
    const [row] = await by<{ outcome: string }[]>`
      select reverse_redemption(${by.json(asked)}) ->> 'outcome' as outcome`;
    return row?.outcome;
  };

  /** Two of one claim, of which one was used; the other came back by the finishing. */
  const contend = async (where: Place, isUndoFirst: boolean) => {
    const { benefit, session } = await open(where, { cap: 2, quantityMax: 2 });
    const member = await where.city.addMember();
    const claimed = { ...where.city.claimItem(member, benefit, session), quantity: 2 };
    await claimOne(where.sql, claimed);
    const at = new Date(`${day}T09:30:00+08:00`);
    await setClock(where.sql, at.toISOString());
    const item = where.city.item(member, benefit, at);
    await redeemOne(where.sql, item);
    const { userId } = await where.city.addOfficer(where.city.unions.root);
    await setClock(where.sql, `${day}T14:00:00+08:00`);
    const acts = [
      () => undo(where.crowd, item, userId),
      () => where.crowd`select finish_sessions()`.then(() => 'finished'),
    ];
    if (!isUndoFirst) acts.reverse();
    const answers = await race(
      where.sql,
      2,
      (tx) => tx`select from allocation where benefit_id = ${benefit} for update`,
      () =>
        [acts[0]?.(), queued(where.sql, 1).then(() => acts[1]?.())].map((one) =>
          Promise.resolve(one),
        ),
    );
    expect(answers).toContain('reversed');
    await where.sql`select finish_sessions()`;
    return { state: await stateOf(where.sql, claimed.id), pool: await poolOf(where.sql, benefit) };
  };

  const poolOf = async (by: Sql, benefit: number) => {
    const [row] = await by<{ used: number; claimed: number }[]>`
      select used, claimed from allocation where benefit_id = ${benefit}`;
    return row && { ...row };
  };

  test.each([true, false])('gives back each unit once (undone first: %s)', async (isUndoFirst) => {
    expect(await contend(sound, isUndoFirst)).toEqual({
      state: 'lapsed',
      pool: { used: 0, claimed: 0 },
    });
  });

  test('would not, without the look at what the finishing did', async () => {
    const unlooked: [string, string] = ['c.used < c.quantity;', 'false;'];
    const tried = without(unguarded.sql, 'undo_redemption', [unlooked], () =>
      contend(unguarded, false),
    );
    await expect(
      tried.then(({ pool }) => expect(pool).toEqual({ used: 0, claimed: 0 })),
    ).rejects.toThrow();
  });
});
