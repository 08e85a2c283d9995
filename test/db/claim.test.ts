// Risk: a place is given twice, not at all, or to who may not have it.
import { afterEach, expect, test } from 'vitest';
import { openDueWaves } from '../../api/claims/open-due-waves.ts';
import { createDatabase } from '../support/database.ts';
import { buildCity } from '../support/city.ts';
import { claim, claimOne, say, stateOf } from '../support/claim.ts';
import { setClock } from '../support/clock.ts';
import { redeemOne } from '../support/redeem.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);

afterEach(async () => {
  await setClock(sql, null);
  expect(await sql`select * from consistency()`).toEqual([]);
});

test('a claim takes a place of its session and of its pool, and its id has one answer', async () => {
  const member = await city.addMember();
  const benefit = await city.addBenefit();
  await city.letClaim(benefit);
  const session = await city.addSession(benefit, { cap: 2 });
  const item = city.claimItem(member, benefit, session);
  expect(await claimOne(sql, item)).toMatchObject({ outcome: 'made', state: 'confirmed' });
  expect(await claimOne(sql, item)).toMatchObject({ outcome: 'replayed', state: 'confirmed' });
  expect(await claimOne(sql, { ...item, quantity: 2 })).toMatchObject({
    outcome: 'exists_with_different_content',
  });
  const [counts] = await sql`
    select s.taken, a.claimed, a.used from session s join allocation a using (benefit_id)
    where s.id = ${session}`;
  expect(counts).toEqual({ taken: 1, claimed: 1, used: 0 });
  const told = await sql`select state, before from claim_event where claim_id = ${item.id}`;
  expect(told).toEqual([{ state: 'confirmed', before: null }]);
});

test('a claim and what was told of it are never deleted, whoever asks', async () => {
  const member = await city.addMember();
  const benefit = await city.addBenefit();
  await city.letClaim(benefit);
  const { id } = await claimOne(
    sql,
    city.claimItem(member, benefit, await city.addSession(benefit)),
  );
  for (const statement of [
    `delete from claim where id = '${id}'`,
    'truncate claim cascade',
    `delete from claim_event where claim_id = '${id}'`,
    'truncate claim_event',
    `update claim_event set by = 'x' where claim_id = '${id}'`,
  ]) {
    await expect(sql.unsafe(statement)).rejects.toMatchObject({ code: '23001' });
  }
  expect(await stateOf(sql, id)).toBe('confirmed');
});

test('its id stands for that session and those answers, also after it was moved', async () => {
  const member = await city.addMember();
  const benefit = await city.addBenefit();
  await city.letClaim(benefit);
  const [first, second] = [await city.addSession(benefit), await city.addSession(benefit)];
  const item = city.claimItem(member, benefit, first);
  expect((await claimOne(sql, item)).outcome).toBe('made');
  for (const other of [{ session: second }, { answers: { size: 'l' } }]) {
    expect((await claimOne(sql, { ...item, ...other })).outcome).not.toBe('replayed');
  }
  expect((await say(sql, 'move_claim', item.id, member, { session: second })).outcome).toBe(
    'moved',
  );
  expect((await claimOne(sql, item)).outcome).toBe('replayed');
  expect((await claimOne(sql, { ...item, session: second })).outcome).toBe(
    'exists_with_different_content',
  );
});

test('a text whose length no question bounds may be as long as the form lets it be', async () => {
  const asks = [{ id: 'why', kind: 'text', labelZh: '为何', labelEn: 'Why', isRequired: true }];
  const fits = async (length: number) => {
    const [row] = await sql<{ fits: boolean }[]>`
      select answers_fit(${sql.json(asks)}, ${sql.json({ why: '好'.repeat(length) })}) as fits`;
    return row?.fits;
  };
  expect([await fits(1), await fits(1000), await fits(1001)]).toEqual([true, true, false]);
});

test('what is held expires when it begins at the latest, and no organiser says yes to what is over', async () => {
  const [holder, asker] = [await city.addMember(), await city.addMember()];
  const [held, asked] = [await city.addBenefit(), await city.addBenefit()];
  await city.letClaim(held, { holdMinutes: 90 });
  await city.letClaim(asked, { needsApproval: true });
  const startsAt = '2080-06-03T10:00:00+08:00';
  const items = [
    city.claimItem(holder, held, await city.addSession(held, { startsAt })),
    city.claimItem(asker, asked, await city.addSession(asked, { startsAt })),
  ] as const;
  await setClock(sql, '2080-06-03T09:30:00+08:00');
  expect((await claim(sql, [...items])).map(({ state }) => state)).toEqual(['held', 'asked']);
  await setClock(sql, startsAt);
  expect(await say(sql, 'confirm_claim', items[0].id, holder)).toEqual({
    ...{ outcome: 'claim_expired', state: 'held' },
  });
  await setClock(sql, '2080-06-03T12:00:00+08:00');
  const decide = async (isYes: boolean) => {
    const [row] = await sql<{ outcome: string }[]>`
      select decide_claim(${items[1].id}::uuid, ${isYes}, 'organiser', '来不及') ->> 'outcome' as outcome`;
    return row?.outcome;
  };
  expect([await decide(true), await decide(false)]).toEqual(['claim_ended', 'decided']);
});

test('an entry of a draw is for one prize, whatever else may be taken at once', async () => {
  const member = await city.addMember();
  const benefit = await city.addBenefit({ quantityMax: 2, limit: [4, 'month'] });
  await city.letClaim(benefit, { kind: 'draw' });
  await city.addSession(benefit, { cap: 4, startsAt: null });
  const entry = { ...city.claimItem(member, benefit, null), quantity: 2 };
  expect((await claimOne(sql, entry)).outcome).toBe('quantity_too_large');
});

test('who cancels late hears so as often as he asks', async () => {
  const member = await city.addMember();
  const benefit = await city.addBenefit();
  await city.letClaim(benefit, { cancelMinutes: 60, weights: [1, 0] });
  const session = await city.addSession(benefit, { startsAt: '2080-06-03T10:00:00+08:00' });
  const item = city.claimItem(member, benefit, session);
  await claimOne(sql, item);
  await setClock(sql, '2080-06-03T09:30:00+08:00');
  for (const outcome of ['cancelled', 'replayed']) {
    expect(await say(sql, 'cancel_claim', item.id, member)).toMatchObject({
      outcome,
      isLate: true,
    });
  }
});

test('nobody but who acts for him claims for a member who has no phone', async () => {
  const [member, stranger] = [await city.addMember(), await city.addMember()];
  await sql`update member set user_id = null where id = ${member.id}`;
  const benefit = await city.addBenefit();
  await city.letClaim(benefit);
  const session = await city.addSession(benefit);
  const item = {
    ...city.claimItem(member, benefit, session),
    member: member.id,
    user: stranger.userId,
  };
  expect((await claimOne(sql, item)).outcome).toBe('member_unknown');
});

test('a batch gives the last places in its order, and lets who says so wait', async () => {
  const members = await Promise.all([0, 1, 2, 3].map(() => city.addMember()));
  const benefit = await city.addBenefit({ limit: [1, 'month'] });
  await city.letClaim(benefit);
  const session = await city.addSession(benefit, { cap: 2 });
  const items = members.map((member, i) => ({
    ...city.claimItem(member, benefit, session),
    waits: i === 2,
  }));
  const answers = await claim(sql, items);
  expect(answers.map(({ outcome, state }) => state ?? outcome)).toEqual([
    'confirmed',
    'confirmed',
    'waiting',
    'session_full',
  ]);
});

test.each([true, false])(
  'a member stays within his limit over sessions, by when they take place (in one batch: %s)',
  async (isOneBatch) => {
    const member = await city.addMember();
    const benefit = await city.addBenefit({ limit: [1, 'month'] });
    await city.letClaim(benefit);
    const [june, alsoJune, july] = await Promise.all(
      ['2080-06-03', '2080-06-20', '2080-07-01'].map((day) =>
        city.addSession(benefit, { startsAt: `${day}T10:00:00+08:00` }),
      ),
    );
    const items = [june, alsoJune, july].map((session) =>
      city.claimItem(member, benefit, session ?? 0),
    );
    const outcomes: string[] = [];
    for (const batch of isOneBatch ? [items] : items.map((item) => [item])) {
      outcomes.push(...(await claim(sql, batch)).map(({ outcome }) => outcome));
    }
    expect(outcomes).toEqual(['made', 'limit_reached', 'made']);
  },
);

test('in one batch an id is stored once, and who waits for a session waits for it once', async () => {
  const [taker, member] = [await city.addMember(), await city.addMember()];
  const benefit = await city.addBenefit({ limit: [4, 'month'], quantityMax: 2 });
  await city.letClaim(benefit);
  const [full, other] = [
    await city.addSession(benefit, { cap: 1 }),
    await city.addSession(benefit, { cap: 1 }),
  ];
  const waiting = () => ({ ...city.claimItem(member, benefit, full), waits: true });
  const tooMany = { ...city.claimItem(member, benefit, other), quantity: 2 };
  const answers = await claim(sql, [
    city.claimItem(taker, benefit, full),
    waiting(),
    waiting(),
    tooMany,
    { ...tooMany, quantity: 1 },
    { ...tooMany, quantity: 1 },
  ]);
  expect(answers.map(({ outcome, state }) => state ?? outcome)).toEqual([
    'confirmed',
    'waiting',
    'already_waiting',
    'session_full',
    'confirmed',
    'confirmed',
  ]);
  expect(answers.at(-1)?.outcome).toBe('replayed');
});

test('a confirmed claim is used up by the same card, at its time and place, and not twice', async () => {
  const member = await city.addMember();
  const benefit = await city.addBenefit({
    limit: [2, 'month'],
    quantityMax: 2,
    pools: { shared: 2 },
  });
  await city.letClaim(benefit);
  const session = await city.addSession(benefit, {
    startsAt: '2080-06-03T10:00:00+08:00',
    outlet: city.outlet.id,
  });
  const item = { ...city.claimItem(member, benefit, session), quantity: 2 };
  expect((await claimOne(sql, item)).outcome).toBe('made');
  const scan = async (at: string, outlet = city.outlet, quantity = 2) => {
    await setClock(sql, at);
    return redeemOne(sql, {
      ...city.item(member, benefit, new Date(at)),
      outlet: outlet.id,
      quantity,
    });
  };
  expect((await scan('2080-06-03T08:00:00+08:00')).outcome).toBe('claim_not_now');
  expect((await scan('2080-06-03T09:30:00+08:00', city.homeOutlet)).outcome).toBe('claim_not_here');
  expect(await scan('2080-06-03T09:30:00+08:00', city.outlet, 1)).toMatchObject({
    outcome: 'accepted',
    memberLeft: 1,
  });
  expect(await stateOf(sql, item.id)).toBe('confirmed');
  expect((await scan('2080-06-03T10:30:00+08:00', city.outlet, 2)).outcome).toBe(
    'quantity_too_large',
  );
  expect((await scan('2080-06-03T10:30:00+08:00', city.outlet, 1)).outcome).toBe('accepted');
  expect(await stateOf(sql, item.id)).toBe('used');
  expect((await scan('2080-06-03T10:40:00+08:00', city.outlet, 1)).outcome).toBe('claim_needed');
  const [counts] = await sql`
    select s.taken, a.claimed, a.used from session s join allocation a using (benefit_id)
    where s.id = ${session}`;
  expect(counts).toEqual({ taken: 2, claimed: 0, used: 2 });
});

test('what is held too long comes free by the clock, and whoever asks next does not hear that it is full', async () => {
  const [first, second] = [await city.addMember(), await city.addMember()];
  const benefit = await city.addBenefit();
  await city.letClaim(benefit, { holdMinutes: 5 });
  const session = await city.addSession(benefit, { cap: 1 });
  await setClock(sql, '2026-11-30T10:00:00+08:00');
  const held = city.claimItem(first, benefit, session);
  expect(await claimOne(sql, held)).toMatchObject({
    state: 'held',
    answerBy: new Date('2026-11-30T10:05:00+08:00'),
  });
  const item = city.claimItem(second, benefit, session);
  expect((await claimOne(sql, item)).outcome).toBe('session_full');
  await setClock(sql, '2026-11-30T10:05:00+08:00');
  expect((await claimOne(sql, item)).outcome).toBe('upkeep_due');
  expect((await say(sql, 'confirm_claim', held.id, first)).outcome).toBe('claim_expired');
  await sql`select expire_claims(${benefit})`;
  expect(await stateOf(sql, held.id)).toBe('expired');
  expect((await claimOne(sql, item)).state).toBe('held');
  expect((await say(sql, 'confirm_claim', item.id, second)).state).toBe('confirmed');
});

test('a place given up goes to who waits, in turn, and to the next where nobody answers', async () => {
  const [first, second, third] = [
    await city.addMember(),
    await city.addMember(),
    await city.addMember(),
  ];
  const benefit = await city.addBenefit();
  await city.letClaim(benefit, { answerMinutes: 30 });
  const session = await city.addSession(benefit, { cap: 1 });
  await setClock(sql, '2026-11-30T10:00:00+08:00');
  const items = [first, second, third].map((member) => ({
    ...city.claimItem(member, benefit, session),
    waits: true,
  }));
  const [taken, next, last] = items;
  if (!taken || !next || !last) throw new Error('No items.');
  await claim(sql, items);
  expect(await say(sql, 'cancel_claim', taken.id, first)).toMatchObject({ outcome: 'cancelled' });
  expect(await stateOf(sql, next.id)).toBe('offered');
  const newcomer = await city.addMember();
  expect((await claimOne(sql, city.claimItem(newcomer, benefit, session))).outcome).toBe(
    'session_full',
  );
  await setClock(sql, '2026-11-30T10:30:00+08:00');
  await sql`select expire_claims(null)`;
  expect([await stateOf(sql, next.id), await stateOf(sql, last.id)]).toEqual(['lapsed', 'offered']);
  expect((await say(sql, 'confirm_claim', last.id, third)).state).toBe('confirmed');
});

/** Two sessions of one place; the first in the queue of the full one, who has meanwhile claimed the other. */
async function waitAtTheLimit(category: boolean) {
  const [holder, limited, next] = [
    await city.addMember(),
    await city.addMember(),
    await city.addMember(),
  ];
  const benefit = await city.addBenefit({ limit: [category ? 9 : 1, 'month'] });
  const elsewhere = category ? await city.addBenefit() : benefit;
  for (const one of new Set([benefit, elsewhere])) await city.letClaim(one);
  const full = await city.addSession(benefit, { startsAt: '2080-06-03T10:00:00+08:00', cap: 1 });
  const other = await city.addSession(elsewhere, { startsAt: '2080-06-04T10:00:00+08:00' });
  const waits = { waits: true };
  const [taken, first, second] = [holder, limited, next].map((member) => ({
    ...city.claimItem(member, benefit, full),
    ...waits,
  }));
  if (!taken || !first || !second) throw new Error('No items.');
  await claim(sql, [taken, first, second]);
  const own = city.claimItem(limited, elsewhere, other);
  expect((await claimOne(sql, own)).outcome).toBe('made');
  const giveUp = (id: string, by = holder) => say(sql, 'cancel_claim', id, by);
  return { taken, first, second, own, limited, next, giveUp };
}

test('an offer goes past who has meanwhile reached his limit, and to him once he is below it', async () => {
  const { taken, first, second, own, limited, next, giveUp } = await waitAtTheLimit(false);
  await giveUp(taken.id);
  expect([await stateOf(sql, first.id), await stateOf(sql, second.id)]).toEqual([
    'waiting',
    'offered',
  ]);
  await giveUp(own.id, limited);
  expect(await stateOf(sql, first.id)).toBe('waiting');
  await giveUp(second.id, next);
  expect(await stateOf(sql, first.id)).toBe('offered');
  expect((await say(sql, 'confirm_claim', first.id, limited)).outcome).toBe('confirmed');
});

test('a limit of his union’s on the kind is in the way of an offer, too', async () => {
  await sql`
    insert into category_limit (union_id, kind, limit_count, limit_period)
    select ${city.unions.home}, b.kind, 1, 'month' from benefit b limit 1`;
  const { taken, first, second, giveUp } = await waitAtTheLimit(true);
  await giveUp(taken.id);
  expect([await stateOf(sql, first.id), await stateOf(sql, second.id)]).toEqual([
    'waiting',
    'offered',
  ]);
  await sql`delete from category_limit where union_id = ${city.unions.home}`;
});

test('a wave is entered for three seconds and drawn once; then the first comes first, and who got none waits', async () => {
  const members = await Promise.all(Array.from({ length: 8 }, () => city.addMember()));
  const benefit = await city.addBenefit({ limit: [1, 'total'] });
  await city.letClaim(benefit, { kind: 'drop', opensAt: '2026-12-01T10:00:00+08:00' });
  const session = await city.addSession(benefit, { cap: 0 });
  await city.addWave(benefit, '2026-12-01T10:00:00+08:00', { [session]: 3 });
  const items = members.map((member) => ({
    ...city.claimItem(member, benefit, session),
    waits: true,
  }));
  await setClock(sql, '2026-12-01T09:59:59.999+08:00');
  expect((await claim(sql, items))[0]).toMatchObject({
    outcome: 'claims_not_open',
    detail: { again: '2026-12-01T02:00:00.000Z' },
  });
  await setClock(sql, '2026-12-01T10:00:00+08:00');
  const entries = items.slice(0, 6);
  expect((await claim(sql, entries)).map(({ state }) => state)).toEqual(
    entries.map(() => 'entered'),
  );
  await setClock(sql, '2026-12-01T10:00:03+08:00');
  const late = items.slice(6);
  expect((await claim(sql, late)).map(({ outcome }) => outcome)).toEqual([
    'upkeep_due',
    'upkeep_due',
  ]);
  await sql`select open_waves(${benefit})`;
  await sql`select open_waves(${benefit})`;
  const states = await sql<{ state: string; count: number }[]>`
    select state, count(*)::int as count from claim where benefit_id = ${benefit} group by 1 order by 1`;
  expect([...states]).toEqual([
    { state: 'confirmed', count: 3 },
    { state: 'waiting', count: 3 },
  ]);
  expect((await claim(sql, late)).map(({ state }) => state)).toEqual(['waiting', 'waiting']);
});

test('housekeeping opens the waves that are due, each benefit’s in a transaction of its own', async () => {
  const opensAt = '2026-12-02T10:00:00+08:00';
  const drops = await Promise.all(
    [0, 1].map(async () => {
      const benefit = await city.addBenefit();
      await city.letClaim(benefit, { kind: 'drop', opensAt });
      const session = await city.addSession(benefit, { cap: 0 });
      await city.addWave(benefit, opensAt, { [session]: 1 });
      return { benefit, item: city.claimItem(await city.addMember(), benefit, session) };
    }),
  );
  await setClock(sql, opensAt);
  await claim(
    sql,
    drops.map(({ item }) => item),
  );
  expect(await openDueWaves(sql)).toBe(0);
  await setClock(sql, '2026-12-02T10:00:03+08:00');
  expect(await openDueWaves(sql)).toBe(2);
  const made = await sql`
    select state, xmin from claim where benefit_id in ${sql(drops.map(({ benefit }) => benefit))}`;
  expect(made.map(({ state }) => String(state))).toEqual(['confirmed', 'confirmed']);
  expect(new Set(made.map(({ xmin }) => String(xmin))).size).toBe(2);
});

test('a claim moves to another day and is never without a place', async () => {
  const member = await city.addMember();
  const benefit = await city.addBenefit({ limit: [1, 'month'] });
  await city.letClaim(benefit, { cancelMinutes: 60 });
  const monday = await city.addSession(benefit, { startsAt: '2080-06-03T10:00:00+08:00', cap: 1 });
  const tuesday = await city.addSession(benefit, { startsAt: '2080-06-04T10:00:00+08:00', cap: 1 });
  const item = city.claimItem(member, benefit, monday);
  await claimOne(sql, item);
  const waiting = { ...city.claimItem(await city.addMember(), benefit, monday), waits: true };
  await claimOne(sql, waiting);
  expect(await say(sql, 'move_claim', item.id, member, { session: tuesday })).toMatchObject({
    outcome: 'moved',
  });
  expect(await stateOf(sql, waiting.id)).toBe('offered');
  expect(await say(sql, 'move_claim', item.id, member, { session: monday })).toMatchObject({
    outcome: 'session_full',
  });
});

test('only what has a time moves to another one, and no prize does', async () => {
  const member = await city.addMember();
  for (const [kind, from, to] of [
    ['offer', null, null],
    ['sign_up', '2080-06-03T10:00:00+08:00', null],
    ['sign_up', null, '2080-06-03T10:00:00+08:00'],
    ['draw', '2080-06-03T10:00:00+08:00', '2080-06-04T10:00:00+08:00'],
  ] as const) {
    const benefit = await city.addBenefit();
    await city.letClaim(benefit);
    const [one, other] = [
      await city.addSession(benefit, { startsAt: from }),
      await city.addSession(benefit, { startsAt: to }),
    ];
    const item = city.claimItem(member, benefit, one);
    expect((await claimOne(sql, item)).outcome).toBe('made');
    await sql`update benefit set claim_kind = ${kind} where id = ${benefit}`;
    expect(await say(sql, 'move_claim', item.id, member, { session: other })).toEqual({
      outcome: 'session_unknown',
      state: 'confirmed',
    });
  }
});

test('marks delay by their weight together until they expire or are lifted, and never for health or hardship', async () => {
  const start = '2080-06-03T10:00:00+08:00';
  const absent = await city.addMember();
  const kinds = ['cinema', 'health', 'hardship'] as const;
  const sessions = await Promise.all(
    kinds.map(async (kind) => {
      const benefit = await city.addBenefit({ limit: [9, 'total'] });
      await sql`update benefit set kind = ${kind} where id = ${benefit}`;
      await city.letClaim(benefit, { opensAt: start });
      const session = await city.addSession(benefit, { startsAt: '2080-06-20T10:00:00+08:00' });
      return { kind, benefit, session };
    }),
  );
  const old = await city.addBenefit({ limit: [9, 'total'] });
  await city.letClaim(old);
  const missed = await city.addSession(old);
  for (const [weight, expiresAt] of [
    [1, '2080-06-03T10:30:00+08:00'],
    [1, '2080-08-01T00:00:00+08:00'],
  ] as const) {
    const item = city.claimItem(absent, old, missed);
    expect((await claimOne(sql, item)).outcome).toBe('made');
    await sql`
      insert into mark (cell, member_id, claim_id, kind, weight, at, expires_at)
      values (${absent.cell}, ${absent.id}, ${item.id}, 'no_show', ${weight}, clock(), ${expiresAt})`;
  }
  const claimed = async (at: string) => {
    await setClock(sql, `2080-06-03T${at}+08:00`);
    const said: Record<string, string> = {};
    for (const { kind, benefit, session } of sessions)
      said[kind] = (await claimOne(sql, city.claimItem(absent, benefit, session))).outcome;
    return said;
  };
  const never = { health: 'made', hardship: 'made' };
  // Of weight two: an hour; of one, once the first has expired: ten minutes, which are over.
  expect(await claimed('10:29:59')).toEqual({ cinema: 'claims_not_open', ...never });
  expect(await claimed('10:30:00')).toEqual({ cinema: 'made', ...never });
  await sql`update mark set expires_at = '2080-08-01' where member_id = ${absent.id}`;
  expect(await claimed('10:59:59')).toEqual({ cinema: 'claims_not_open', ...never });
  await sql`
    update mark set lifted_at = clock(), lifted_by = 'branch', lift_reason = '住院'
    where member_id = ${absent.id}`;
  expect(await claimed('10:59:59')).toEqual({ cinema: 'made', ...never });
});
