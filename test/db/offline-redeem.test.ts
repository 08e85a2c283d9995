// Risk: what happened without a network is lost, is counted twice, or is paid by the wrong one.
import { describe, expect, test } from 'vitest';
import {
  buildCity,
  type BenefitOptions,
  type Lease,
  type OfflineItem,
  type PolicyOptions,
} from '../support/city.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { beforeWriting, race } from '../support/gate.ts';
import { outcomesOf, redeemOne, type Sent } from '../support/redeem.ts';
import { without } from '../support/vary.ts';

const database = await createDatabase();
const { sql } = database;
const crowd = database.connect({ max: 64 });
const city = await buildCity(sql);
staysConsistent(sql);

const noon = new Date('2026-11-18T04:00:00Z');
const after = (minutes: number) => new Date(noon.getTime() + minutes * 60_000);
await setClock(sql, noon.toISOString());

/** A benefit and a device with a lease on it; the scans are at noon, the clock an hour later. */
async function prepare({ units = 3, ...policy }: PolicyOptions = {}, options: BenefitOptions = {}) {
  await setClock(sql, noon.toISOString());
  const benefit = await city.addBenefit({ pools: { shared: 20 }, ...options });
  await city.addPolicy(benefit, policy);
  const device = await city.addDevice();
  const lease = await city.addLease(device, benefit, units);
  await moveClock(sql, '1 hour');
  const member = await city.addMember();
  const scan = (by = member, at = noon) => city.offlineItem(by, benefit, device, lease, at);
  return { benefit, device, lease, member, scan };
}

const outcomes = (...items: Sent[]) => outcomesOf(sql, items);

async function stateOf(benefit: number, lease: Lease) {
  const [state] = await sql<{ used: number; leased: number; spent: number }[]>`
    select a.used, a.leased, l.used as spent from allocation a, lease l
    where a.benefit_id = ${benefit} and a.district_id is null and l.id = ${lease.id}`;
  return state;
}

async function payersOf({ id }: Pick<OfflineItem, 'id'>) {
  return sql<{ union: number | null }[]>`
    select a.union_id as union from transfer t join account a on a.id = t.payer_id
    where t.redemption_id = ${id} and t.kind = 'redemption'`;
}

const rowOf = async ({ id }: Pick<OfflineItem, 'id'>) => {
  const [row] = await sql`
    select variance, lease_id, device_id, at from redemption where id = ${id}`;
  return row;
};

describe('a use inside a lease', () => {
  test('spends the lease and touches no allocation again', async () => {
    const { benefit, lease, device, scan } = await prepare();
    const item = scan();
    expect(await outcomes(item)).toEqual(['accepted']);
    expect(await stateOf(benefit, lease)).toEqual({ used: 0, leased: 3, spent: 1 });
    expect(await rowOf(item)).toEqual({
      variance: null,
      lease_id: lease.id,
      device_id: device.id,
      at: noon,
    });
    expect(await payersOf(item)).toEqual([{ union: city.unions.root }]);
  });

  test('does not wait for who holds the pool', async () => {
    const { benefit, scan } = await prepare();
    const impatient = database.connect({ max: 1, settings: { lock_timeout: '500ms' } });
    await sql.begin(async (tx) => {
      await tx`select from allocation where benefit_id = ${benefit} for no key update`;
      expect(await outcomesOf(impatient, [scan()])).toEqual(['accepted']);
    });
  });

  test('has one effect and one answer for ever', async () => {
    const { benefit, lease, scan } = await prepare();
    const item = scan();
    const first = await redeemOne(sql, item);
    expect(await redeemOne(sql, item)).toEqual({ ...first, outcome: 'replayed' });
    expect(await outcomes({ ...item, quantity: 2 })).toEqual(['exists_with_different_content']);
    expect(await stateOf(benefit, lease)).toMatchObject({ spent: 1 });
  });

  test('counts against the member’s limit online', async () => {
    const { benefit, member, scan } = await prepare();
    await outcomes(scan());
    expect(await outcomes(city.item(member, benefit, after(60)))).toEqual(['limit_reached']);
  });
});

describe('one use too many is written all the same', () => {
  test('a pass that was used online before: its lease is spent, its limit is not', async () => {
    const { benefit, lease, member, scan } = await prepare({}, { limit: [2, 'day'] });
    await setClock(sql, noon.toISOString());
    const online = city.item(member, benefit, noon);
    expect(await outcomes(online)).toEqual(['accepted']);
    const twice = { ...scan(), jti: online.jti };
    const answer = await redeemOne(sql, twice);
    expect(answer).toMatchObject({ outcome: 'pass_already_used', at: noon, quantity: 1 });
    expect(await redeemOne(sql, twice)).toEqual(answer);
    expect(await stateOf(benefit, lease)).toEqual({ used: 1, leased: 3, spent: 1 });
    expect(await outcomes(city.item(member, benefit, noon))).toEqual(['accepted']);
  });

  test('a limit that was reached before', async () => {
    const { benefit, lease, scan } = await prepare();
    const second = scan();
    expect(await outcomes(scan(), second)).toEqual(['accepted', 'limit_reached']);
    expect(await rowOf(second)).toMatchObject({ variance: 'limit_reached', lease_id: lease.id });
    expect(await stateOf(benefit, lease)).toMatchObject({ used: 0, spent: 2 });
  });

  test('without a place anywhere it counts nowhere', async () => {
    const { benefit, lease } = await prepare({ units: 1 }, { pools: { shared: 1 } });
    const { device } = await prepare();
    const item = city.offlineItem(await city.addMember(), benefit, device, null, noon);
    expect(await outcomes(item)).toEqual(['quota_exhausted']);
    expect(await rowOf(item)).toMatchObject({ variance: 'quota_exhausted', lease_id: null });
    expect(await stateOf(benefit, lease)).toEqual({ used: 0, leased: 1, spent: 0 });
  });

  const { root, host } = city.unions;
  test.each([
    ['union', [{ union: root }]],
    ['district', [{ union: host }]],
    ['partner', []],
  ] as const)('is paid by whom the policy names: the %s', async (variancePayer, payers) => {
    const { scan } = await prepare({ variancePayer });
    const second = scan();
    await outcomes(scan(), second);
    expect(await payersOf(second)).toEqual(payers);
  });

  test('is paid by the union where there is no policy any more', async () => {
    const { benefit, scan } = await prepare({ variancePayer: 'partner' });
    await sql`delete from offline_policy where benefit_id = ${benefit}`;
    const second = scan();
    await outcomes(scan(), second);
    expect(await payersOf(second)).toEqual([{ union: root }]);
  });
});

describe('a lease that will not do leaves it to the pools', () => {
  const cases: [string, (made: Awaited<ReturnType<typeof prepare>>) => Promise<OfflineItem>][] = [
    [
      'over-spent by one',
      async ({ scan }) => {
        for (let i = 0; i < 3; i += 1) await outcomes(scan(await city.addMember()));
        return scan();
      },
    ],
    [
      'returned',
      async ({ device, scan }) => {
        await sql`select return_leases(${device.id})`;
        return scan();
      },
    ],
    [
      'over when it was scanned',
      async ({ member, scan }) => {
        await moveClock(sql, '24 hours');
        return scan(member, after(24 * 60));
      },
    ],
    [
      'over with its grace, though nobody took it back yet',
      async ({ scan }) => {
        await moveClock(sql, '36 hours');
        return scan();
      },
    ],
    [
      'another device’s',
      async ({ benefit, lease, member }) =>
        city.offlineItem(member, benefit, await city.addDevice(), lease, noon),
    ],
    [
      'another benefit’s',
      async ({ lease, device, member }) =>
        city.offlineItem(member, await city.addBenefit(), device, lease, noon),
    ],
    ['never given', async ({ scan }) => ({ ...scan(), lease: 2 ** 30 })],
  ];
  test.each(cases)('%s', async (_, make) => {
    const made = await prepare();
    const item = await make(made);
    const [before] = await sql`select used from lease where id = ${made.lease.id}`;
    expect(await outcomes(item)).toEqual(['accepted']);
    expect(await rowOf(item)).toMatchObject({ variance: null, lease_id: null });
    expect(await sql`select used from lease where id = ${made.lease.id}`).toEqual([before]);
  });

  test('the home pool first, then the shared one', async () => {
    const { home } = city.unions;
    const { benefit, device, scan } = await prepare({}, { pools: { [home]: 1, shared: 20 } });
    await sql`select return_leases(${device.id})`;
    const [one, two] = [scan(await city.addMember()), scan(await city.addMember())];
    expect(await outcomes(one, two)).toEqual(['accepted', 'accepted']);
    const used = await sql`
      select used from allocation where benefit_id = ${benefit} order by district_id nulls last`;
    expect(used.map((row) => row['used'])).toEqual([1, 1]);
  });

  test('in its grace it may still be spent', async () => {
    const { lease, scan } = await prepare();
    await moveClock(sql, '34 hours 58 minutes');
    const item = scan();
    expect(await outcomes(item)).toEqual(['accepted']);
    expect(await rowOf(item)).toMatchObject({ lease_id: lease.id });
  });
});

describe('standing is that of the scan', () => {
  const late = after(30).toISOString();
  const changes: [string, (made: Awaited<ReturnType<typeof prepare>>) => Promise<unknown>][] = [
    [
      'a pause',
      ({ benefit }) =>
        sql`update benefit set paused_at = ${late}, pause_reason = 'audit' where id = ${benefit}`,
    ],
    [
      'a blocked card',
      ({ member }) =>
        sql`update card set status = 'blocked', ended_at = ${late} where number = ${member.card}`,
    ],
    [
      'a member who leaves',
      ({ member }) => sql`update affiliation set ended_at = ${late} where member_id = ${member.id}`,
    ],
    [
      'a revoked key',
      () => sql`update signing_key set revoked_at = ${late} where kid = ${city.kid}`,
    ],
  ];
  test.each(changes)('%s after it changes nothing', async (_, change) => {
    const made = await prepare();
    await change(made);
    expect(await outcomes(made.scan())).toEqual(['accepted']);
    await sql`update signing_key set revoked_at = null`;
  });

  test('a suspended operator, a closed outlet', async () => {
    const { benefit, device, lease, member } = await prepare();
    const { userId } = await city.addOperator(city.outlet.partner, [city.outlet]);
    await sql`update operator set suspended_at = ${late} where user_id = ${userId}`;
    const item = { ...city.offlineItem(member, benefit, device, lease, noon), user: userId };
    expect(await outcomes(item)).toEqual(['accepted']);
    const other = await city.addMember();
    const tooLate = city.offlineItem(other, benefit, device, lease, after(31));
    expect(await outcomes({ ...tooLate, user: userId })).toEqual(['operator_suspended']);
  });

  test('home is where he was a member then', async () => {
    const { home, host, hostEnterprise } = city.unions;
    const pools = { [home]: 5, [host]: 5, shared: 0 };
    const { benefit, device, member } = await prepare({ units: 0 }, { pools });
    await sql`update affiliation set ended_at = ${late} where member_id = ${member.id}`;
    await sql`
      insert into affiliation (cell, member_id, union_id, started_at)
      values (${member.cell}, ${member.id}, ${hostEnterprise}, ${late})`;
    const item = city.offlineItem(member, benefit, device, null, noon);
    expect(await outcomes(item)).toEqual(['accepted']);
    const used = await sql`
      select district_id from allocation where benefit_id = ${benefit} and used = 1`;
    expect([...used]).toEqual([{ district_id: home }]);
  });

  test.each([
    ['a list that was older lets it through, as a variance', -31, 'card_lost', true],
    ['no list at all too', null, 'card_lost', true],
    ['with a fresh list it is the partner’s risk', -30, 'card_lost', false],
  ] as const)('a card that ended before the scan: %s', async (_, list, outcome, isWritten) => {
    const { member, scan } = await prepare();
    const ended = after(-30);
    await sql`
      update card set status = 'lost', ended_at = ${ended} where number = ${member.card}`;
    const item = { ...scan(), listAt: list === null ? null : after(list).toISOString() };
    const answer = await redeemOne(sql, item);
    expect(answer.outcome).toBe(outcome);
    expect(await rowOf(item)).toEqual(
      isWritten ? expect.objectContaining({ variance: 'card_lost' }) : undefined,
    );
  });

  test('what was wrong at the scan stays wrong, and writes nothing', async () => {
    const { benefit, scan } = await prepare();
    await sql`
      update benefit set paused_at = ${after(-1)}, pause_reason = 'audit' where id = ${benefit}`;
    const item = scan();
    expect(await outcomes(item)).toEqual(['benefit_paused']);
    expect(await rowOf(item)).toBeUndefined();
  });
});

describe('what the device and the union say', () => {
  test('a reason to hold it ranks after all that is wrong, and writes nothing', async () => {
    const { benefit, scan } = await prepare();
    const item = { ...scan(), held: 'value_too_high' };
    expect(await outcomes(item)).toEqual(['value_too_high']);
    expect(await rowOf(item)).toBeUndefined();
    await sql`update benefit set starts_at = ${after(1)} where id = ${benefit}`;
    expect(await outcomes(item)).toEqual(['benefit_not_started']);
  });

  test('what is left for the card that day is counted through the batch', async () => {
    const { scan } = await prepare({}, { limit: [9, 'day'] });
    const batch = [scan(), scan(), scan()].map((item) => ({ ...item, cardLeft: 2 }));
    expect(await outcomes(...batch)).toEqual(['accepted', 'accepted', 'card_uses_a_day']);
  });

  test('a union’s decision books what was held, and the partner is paid', async () => {
    const { benefit, lease, scan } = await prepare({ variancePayer: 'partner' });
    await sql`
      update benefit set paused_at = ${after(-1)}, pause_reason = 'audit' where id = ${benefit}`;
    const item = { ...scan(), variance: 'benefit_paused' };
    expect(await outcomes(item)).toEqual(['benefit_paused']);
    expect(await rowOf(item)).toMatchObject({ variance: 'benefit_paused', lease_id: lease.id });
    expect(await payersOf(item)).toEqual([{ union: city.unions.root }]);
    expect(await stateOf(benefit, lease)).toMatchObject({ spent: 1 });
  });
});

describe('the last leased unit', () => {
  const contend = async (connections: number) => {
    const { benefit, device, lease } = await prepare({ units: 1 }, { pools: { shared: 1 } });
    const members = await Promise.all(Array.from({ length: connections }, () => city.addMember()));
    const results = await race(sql, connections, beforeWriting, () =>
      members.map((member) =>
        outcomesOf(crowd, [city.offlineItem(member, benefit, device, lease, noon)]),
      ),
    );
    return { results: results.flat(), state: await stateOf(benefit, lease) };
  };

  test.each([16, 64])('is spent once: %i connections', async (connections) => {
    const { results, state } = await contend(connections);
    expect(results.filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    expect(results.filter((outcome) => outcome === 'quota_exhausted')).toHaveLength(
      connections - 1,
    );
    expect(state).toEqual({ used: 0, leased: 1, spent: 1 });
  });

  test('is spent more than once without its lock, if the constraint did not hold', async () => {
    const lock: [string, string] = [
      'order by l.id\n        for no key update of l',
      'order by l.id',
    ];
    const { results } = await without(sql, 'redeem', [lock], () => contend(16));
    expect(results.join()).toMatch(/lease_used/);
  });
});
