// Risk (I18): a doubtful use is decided twice, by somebody who may not, or its units and money go astray.
import { describe, expect, test } from 'vitest';
import { buildCity, idIn, type OfflineItem, type PolicyOptions } from '../support/city.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';
import { OfflineQueue } from '../support/offline-queue.ts';
import { outcomesOf } from '../support/redeem.ts';

const database = await createDatabase();
const { sql } = database;
const crowd = database.connect({ max: 16 });
const city = await buildCity(sql);
staysConsistent(sql);
const { root, home, host } = city.unions;
const [officer, stranger] = [await city.addOfficer(root), await city.addOfficer(host)];
const viewer = await city.addOfficer(root, 'viewer');

const noon = new Date('2026-11-18T04:00:00Z');
await setClock(sql, noon.toISOString());

type Decision = { decision: 'pay' | 'reject'; reason?: string; user?: string; item?: OfflineItem };

/** A scan in its verdict: a second use of a day, or one that the benefit's pause stops. */
async function doubtful(
  kind: 'over_limit' | 'needs_review',
  policy: PolicyOptions = {},
): Promise<{ queue: OfflineQueue; item: OfflineItem; benefit: number; lease: number }> {
  await setClock(sql, noon.toISOString());
  const benefit = await city.addBenefit({ union: home, limit: [1, 'day'] });
  await city.addPolicy(benefit, policy);
  const device = await city.addDevice();
  const lease = await city.addLease(device, benefit, 5);
  const member = await city.addMember();
  const queue = new OfflineQueue(sql, device);
  const item = city.offlineItem(member, benefit, device, lease, noon);
  if (kind === 'over_limit') await outcomesOf(sql, [city.item(member, benefit, noon)]);
  else await sql`update benefit set paused_at = clock(), pause_reason = 'x' where id = ${benefit}`;
  await moveClock(sql, '1 hour');
  await queue.add(item);
  await queue.upload();
  const expected = { over_limit: 'limit_reached', needs_review: 'benefit_paused' };
  expect(await queue.verdicts()).toEqual([`${kind}: ${expected[kind]}`]);
  return { queue, item, benefit, lease: lease.id };
}

async function decide(
  { device, entries }: OfflineQueue,
  { decision, reason = 'looked into', user = officer.userId, item }: Decision,
  by = sql,
): Promise<string | undefined> {
  const asked = {
    ...{ device: device.id, seq: 1, hash: entries[0]?.hash, decision, reason, user },
    ...{ sessionAt: noon.toISOString(), secondFactorAt: noon.toISOString() },
    ...(item && { item }),
  };
  const [row] = await by<{ outcome: string }[]>`
    select decide_offline_item(${by.json(asked)}) ->> 'outcome' as outcome`;
  return row?.outcome;
}

/** Who pays for it now: the union, null for nobody. */
async function payerOf({ id }: OfflineItem): Promise<number | null> {
  const legs = await sql<{ union: number }[]>`
    select a.union_id as union from transfer t join account a on a.id = t.payer_id
    where t.redemption_id = ${id} and t.kind = 'redemption' and not exists (
      select from transfer back where back.cell = t.cell and back.redemption_id = t.redemption_id
      and back.kind = 'reversal' and back.leg = t.leg)`;
  expect(legs.length).toBeLessThanOrEqual(1);
  return legs[0]?.union ?? null;
}

const usedOf = async (lease: number) => {
  const [row] = await sql<{ used: number }[]>`select used from lease where id = ${lease}`;
  return row?.used;
};

describe('one use too many', () => {
  test('stays charged as it is where it is paid', async () => {
    const { queue, item, lease } = await doubtful('over_limit', { variancePayer: 'district' });
    expect(await decide(queue, { decision: 'pay', item })).toBe('decided');
    expect(await payerOf(item)).toBe(host);
    expect(await usedOf(lease)).toBe(1);
  });

  test('is undone where it is rejected: money and unit go back', async () => {
    const { queue, item, lease } = await doubtful('over_limit');
    expect(await payerOf(item)).toBe(home);
    expect(await decide(queue, { decision: 'reject' })).toBe('decided');
    expect(await payerOf(item)).toBeNull();
    expect(await usedOf(lease)).toBe(0);
  });

  test('that the operator undid before is only written down', async () => {
    const { queue, item } = await doubtful('over_limit');
    const undo = { id: idIn(item.cell), redemptionId: item.id, reason: 'wrong' };
    const by = { user: item.user, sessionAt: noon.toISOString(), secondFactorAt: null };
    await sql`select reverse_redemption(${sql.json({ ...undo, ...by })})`;
    expect(await decide(queue, { decision: 'reject' })).toBe('decided');
  });

  test('that was undone before cannot be paid: nothing stays charged', async () => {
    const { queue, item } = await doubtful('over_limit');
    const undo = { id: idIn(item.cell), redemptionId: item.id, reason: 'wrong' };
    const by = { user: item.user, sessionAt: noon.toISOString(), secondFactorAt: null };
    await sql`select reverse_redemption(${sql.json({ ...undo, ...by })})`;
    expect(await decide(queue, { decision: 'pay', item })).toBe('already_decided');
    expect(await decide(queue, { decision: 'reject' })).toBe('decided');
  });

  test('that stands on two phones and is paid on one is not rejected on the other', async () => {
    const { queue, item, benefit } = await doubtful('over_limit');
    const device = await city.addDevice();
    const lease = await city.addLease(device, benefit, 5);
    const other = await new OfflineQueue(sql, device).add({
      ...item,
      device: device.id,
      lease: lease.id,
    });
    await other.upload();
    expect(await other.verdicts()).toEqual(['over_limit: limit_reached']);
    expect(await decide(queue, { decision: 'pay', item })).toBe('decided');
    expect(await decide(other, { decision: 'reject' })).toBe('already_decided');
    expect(await payerOf(item)).toBe(home);
    expect(await decide(other, { decision: 'pay', item })).toBe('decided');
  });

  test('once decided is not settled anew', async () => {
    const { queue, item, benefit } = await doubtful('over_limit');
    await decide(queue, { decision: 'pay' });
    await sql`update benefit set limit_count = 9 where id = ${benefit}`;
    const device = await city.addDevice();
    const lease = await city.addLease(device, benefit, 5);
    const other = { ...city.offlineItem(item, benefit, device, lease, noon) };
    const next = await new OfflineQueue(sql, device).add(other);
    await next.upload();
    expect(await next.verdicts()).toEqual(['accepted']);
    expect(await queue.verdicts()).toEqual(['over_limit: limit_reached']);
  });
});

describe('what needs a review', () => {
  test.each(['union', 'district', 'partner'] as const)(
    'is booked where it is paid, on its lease, by the policy (%s) but never by the partner',
    async (variancePayer) => {
      const { queue, item, lease } = await doubtful('needs_review', { variancePayer });
      expect(await payerOf(item)).toBeNull();
      expect(await decide(queue, { decision: 'pay', item })).toBe('decided');
      expect(await payerOf(item)).toBe(variancePayer === 'district' ? host : home);
      expect(await usedOf(lease)).toBe(1);
      const [row] = await sql`
        select r.variance, i.redemption_id = r.id as known from redemption r, offline_item i
        where r.id = ${item.id} and i.device_id = ${queue.device.id}`;
      expect(row).toEqual({ variance: 'benefit_paused', known: true });
    },
  );

  test('is owed to nobody where it is rejected', async () => {
    const { queue, item, lease } = await doubtful('needs_review');
    expect(await decide(queue, { decision: 'reject' })).toBe('decided');
    expect(await sql`select from redemption where id = ${item.id}`).toHaveLength(0);
    expect(await usedOf(lease)).toBe(0);
  });

  test('and cannot be booked can only be rejected', async () => {
    const { queue, item } = await doubtful('needs_review');
    const card = { ...item, card: item.card ^ 1 };
    expect(await decide(queue, { decision: 'pay', item: card })).toBe('card_unknown');
    expect(await decide(queue, { decision: 'pay' })).toBe('pass_invalid');
    expect(await decide(queue, { decision: 'reject' })).toBe('decided');
  });

  test('and is a copy of what was booked leaves that one as it was: it counts, and it settles', async () => {
    await setClock(sql, noon.toISOString());
    const benefit = await city.addBenefit({ union: home });
    await city.addPolicy(benefit);
    const [device, other] = [await city.addDevice(), await city.addDevice()];
    const member = await city.addMember();
    const item = city.offlineItem(member, benefit, device, null, noon);
    const queue = await new OfflineQueue(sql, device).add(item);
    await queue.upload();
    const copy = await new OfflineQueue(sql, device).add({ ...item, user: viewer.userId });
    await copy.upload();
    expect(await copy.verdicts()).toEqual(['accepted', 'needs_review: seq_forked']);
    expect(await decide(copy, { decision: 'pay', item })).toBe('decided');
    const next = await new OfflineQueue(sql, other).add(
      city.offlineItem(member, benefit, other, null, noon),
      { ...city.offlineItem(member, benefit, other, null, noon), jti: item.jti },
    );
    await next.upload();
    const verdicts = ['over_limit: limit_reached', 'duplicate: pass_already_used'];
    expect(await next.verdicts()).toEqual(verdicts);
  });

  test('without a place anywhere is paid all the same, and counts nowhere', async () => {
    const { queue, item, benefit } = await doubtful('needs_review');
    await sql`select return_leases(${queue.device.id})`;
    await sql`update allocation set cap = 0 where benefit_id = ${benefit}`;
    expect(await decide(queue, { decision: 'pay', item })).toBe('decided');
    expect(await payerOf(item)).toBe(home);
  });
});

describe('a decision', () => {
  test('is taken once; the same again is the same', async () => {
    const { queue } = await doubtful('over_limit');
    expect(await decide(queue, { decision: 'reject' })).toBe('decided');
    expect(await decide(queue, { decision: 'reject' })).toBe('replayed');
    expect(await decide(queue, { decision: 'reject', reason: 'another' })).toBe('already_decided');
    expect(await decide(queue, { decision: 'pay' })).toBe('already_decided');
  });

  test('is one of many at once', async () => {
    const { queue, lease } = await doubtful('over_limit');
    const outcomes = await race(
      sql,
      16,
      (tx) => tx`select from device where id = ${queue.device.id} for update`,
      () =>
        Array.from({ length: 16 }, (_, i) =>
          decide(queue, { decision: i % 2 ? 'pay' : 'reject', reason: `${i}` }, crowd),
        ),
    );
    expect(outcomes.filter((outcome) => outcome === 'decided')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'already_decided')).toHaveLength(15);
    expect([0, 1]).toContain(await usedOf(lease));
  });

  test('has one audit entry of the union that owns it', async () => {
    const { queue } = await doubtful('over_limit');
    await decide(queue, { decision: 'pay', reason: 'a regular' });
    await decide(queue, { decision: 'pay', reason: 'a regular' });
    const entries = await sql`
      select user_id, union_id, action, reason, before, after from audit_entry
      where subject = 'offline_item' and subject_id = ${`${queue.device.id}-1`}`;
    expect([...entries]).toEqual([
      {
        ...{ user_id: officer.userId, union_id: home, action: 'offline.decide' },
        ...{ reason: 'a regular', after: { decision: 'pay' } },
        before: { verdict: 'over_limit', reason: 'limit_reached' },
      },
    ]);
  });

  test.each([
    ['an administrator of another union', stranger.userId, 'not_found'],
    ['a viewer', viewer.userId, 'not_found'],
    ['the operator', city.operator.userId, 'not_found'],
    ['nobody', 'nobody', 'session_revoked'],
  ])('is not for %s', async (_, user, outcome) => {
    const { queue } = await doubtful('over_limit');
    expect(await decide(queue, { decision: 'pay', user })).toBe(outcome);
    expect(await decide(queue, { decision: 'pay' })).toBe('decided');
  });

  test('is not for what is not judged yet, and waits for nobody to judge it', async () => {
    const { benefit } = await doubtful('over_limit');
    const device = await city.addDevice();
    const lease = await city.addLease(device, benefit, 5);
    const item = city.offlineItem(await city.addMember(), benefit, device, lease, noon);
    const queue = await new OfflineQueue(sql, device).add(item);
    const links = sql.json(queue.entries.map((entry) => ({ ...entry })));
    await sql`select keep_offline_items(${device.id}, ${queue.entries[0]?.prev ?? ''}, ${links})`;
    const answer = await crowd.begin(async (tx) => {
      await tx`select from book_offline_items(${device.id}, ${tx.json([{ ...item, seq: 1 }])})`;
      return decide(queue, { decision: 'reject' });
    });
    expect(answer).toBe('already_decided');
    expect(await queue.verdicts()).toEqual(['accepted']);
  });

  test('is not for what is accepted', async () => {
    const { benefit } = await doubtful('over_limit');
    const device = await city.addDevice();
    const lease = await city.addLease(device, benefit, 5);
    const item = city.offlineItem(await city.addMember(), benefit, device, lease, noon);
    const queue = await new OfflineQueue(sql, device).add(item);
    await queue.upload();
    expect(await decide(queue, { decision: 'reject' })).toBe('already_decided');
  });
});

describe('a reversal of an offline use', () => {
  const undo = async ({ id, cell, user }: OfflineItem) => {
    const request = { id: idIn(cell), redemptionId: id, reason: 'wrong', user };
    const by = { sessionAt: noon.toISOString(), secondFactorAt: null };
    const [row] = await sql<{ outcome: string }[]>`
      select reverse_redemption(${sql.json({ ...request, ...by })}) ->> 'outcome' as outcome`;
    expect(row?.outcome).toBe('reversed');
  };
  const prepare = async () => {
    await setClock(sql, noon.toISOString());
    const benefit = await city.addBenefit({ pools: { shared: 10 } });
    await city.addPolicy(benefit);
    const device = await city.addDevice();
    const lease = await city.addLease(device, benefit, 4);
    const member = await city.addMember();
    const scan = () => city.offlineItem(member, benefit, device, lease, noon);
    const state = async () => {
      const [row] = await sql`
        select a.used, a.leased, l.used as spent from allocation a, lease l
        where a.benefit_id = ${benefit} and l.id = ${lease.id}`;
      return row;
    };
    return { device, scan, state };
  };

  test('gives the unit back to its open lease', async () => {
    const { scan, state } = await prepare();
    const item = scan();
    await outcomesOf(sql, [item]);
    await undo(item);
    expect(await state()).toEqual({ used: 0, leased: 4, spent: 0 });
  });

  test('through an ended lease to the pool', async () => {
    const { device, scan, state } = await prepare();
    const item = scan();
    await outcomesOf(sql, [item]);
    await sql`select return_leases(${device.id})`;
    expect(await state()).toEqual({ used: 0, leased: 1, spent: 1 });
    await undo(item);
    expect(await state()).toEqual({ used: 0, leased: 0, spent: 0 });
  });

  test('of a variance gives its lease the unit back, and without a lease nothing', async () => {
    const { device, scan, state } = await prepare();
    const [, second] = [scan(), scan()];
    await outcomesOf(sql, [scan(), second]);
    await undo(second);
    expect(await state()).toEqual({ used: 0, leased: 4, spent: 1 });
    await sql`select return_leases(${device.id})`;
    const third = scan();
    expect(await outcomesOf(sql, [third])).toEqual(['limit_reached']);
    await undo(third);
    expect(await state()).toEqual({ used: 0, leased: 1, spent: 1 });
  });
});
