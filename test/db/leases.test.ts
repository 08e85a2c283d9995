// Risk: what devices hold is sold again, is lost for good, or takes everything from those who ask online.
import { describe, expect, test } from 'vitest';
import {
  buildCity,
  type Device,
  type PolicyOptions,
  type BenefitOptions,
} from '../support/city.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';
import { outcomesOf } from '../support/redeem.ts';
import { without } from '../support/vary.ts';

const database = await createDatabase();
const { sql } = database;
const crowd = database.connect({ max: 64 });
const city = await buildCity(sql);
staysConsistent(sql);

const noon = new Date('2026-11-18T04:00:00Z');
await setClock(sql, noon.toISOString());

type Granted = { lease: number; benefit: number; units: number; used: number; expires_at: Date };

const renew = async ({ id }: Device, by = sql): Promise<Granted[]> =>
  by<Granted[]>`select * from renew_leases(${id})`;

async function grantedTo(device: Device, benefit: number): Promise<Granted | undefined> {
  return (await renew(device)).find((one) => one.benefit === benefit);
}

async function leasable(options: BenefitOptions = {}, policy: PolicyOptions = {}) {
  await setClock(sql, noon.toISOString());
  const benefit = await city.addBenefit({ pools: { shared: 100 }, ...options });
  await city.addPolicy(benefit, policy);
  return { benefit, device: await city.addDevice() };
}

async function poolOf(benefit: number) {
  const [pool] = await sql<{ cap: number; used: number; leased: number; left: number }[]>`
    select cap, used, leased, places_left(a, clock()) as left
    from allocation a where benefit_id = ${benefit} and district_id is null`;
  return pool;
}

const ask = async (benefit: number, at = noon) =>
  outcomesOf(sql, [city.item(await city.addMember(), benefit, at)]);

describe('a device is given', () => {
  test('what the policy says, out of the shared pool', async () => {
    const { benefit, device } = await leasable({}, { units: 10, hours: 24 });
    expect(await grantedTo(device, benefit)).toMatchObject({
      units: 10,
      used: 0,
      expires_at: new Date('2026-11-19T04:00:00Z'),
    });
    expect(await poolOf(benefit)).toMatchObject({ used: 0, leased: 10, left: 90 });
  });

  test('never more than half of what is left, and nothing more for asking twice', async () => {
    const { benefit, device } = await leasable({ pools: { shared: 7 } });
    expect(await grantedTo(device, benefit)).toMatchObject({ units: 3 });
    expect(await grantedTo(device, benefit)).toMatchObject({ units: 3 });
  });

  test('not more than that to all devices together', async () => {
    const { benefit, device } = await leasable({ pools: { shared: 29 } });
    expect(await grantedTo(device, benefit)).toMatchObject({ units: 10 });
    expect(await grantedTo(await city.addDevice(), benefit)).toMatchObject({ units: 4 });
    expect(await grantedTo(await city.addDevice(), benefit)).toBeUndefined();
    expect(await poolOf(benefit)).toMatchObject({ leased: 14, left: 15 });
  });

  test('not the last unit', async () => {
    const { benefit, device } = await leasable({ pools: { shared: 1 } });
    expect(await grantedTo(device, benefit)).toBeUndefined();
  });

  test('what it used anew, and more time', async () => {
    const { benefit, device } = await leasable({ limit: [9, 'day'] });
    const lease = await grantedTo(device, benefit);
    if (!lease) throw new Error('There was enough to give.');
    const item = { id: lease.lease };
    await outcomesOf(sql, [city.offlineItem(await city.addMember(), benefit, device, item, noon)]);
    await moveClock(sql, '1 hour');
    expect(await grantedTo(device, benefit)).toMatchObject({
      lease: lease.lease,
      units: 11,
      used: 1,
      expires_at: new Date('2026-11-19T05:00:00Z'),
    });
    expect(await poolOf(benefit)).toMatchObject({ used: 0, leased: 11, left: 89 });
  });

  test('no new number for the same lease, however often it renews', async () => {
    const { benefit, device } = await leasable();
    const first = await grantedTo(device, benefit);
    for (let i = 0; i < 5; i += 1) await renew(device);
    const [last] = await sql<{ id: number }[]>`select last_value::int as id from lease_id_seq`;
    expect(last?.id).toBe(first?.lease);
  });

  test('no time beyond the end of the benefit', async () => {
    const { benefit, device } = await leasable({ endsAt: '2026-11-18T05:00:00Z' });
    expect(await grantedTo(device, benefit)).toMatchObject({
      expires_at: new Date('2026-11-18T05:00:00Z'),
    });
  });

  const nothing: [string, () => Promise<{ benefit: number; device: Device }>][] = [
    ['of a benefit with home pools only', () => leasable({ pools: { [city.unions.home]: 100 } })],
    ['of another partner’s benefit', () => leasable({ partners: [] })],
    ['where the benefit is not valid', () => leasable({ validDistricts: [city.unions.home] })],
    ['before the benefit starts', () => leasable({ startsAt: '2026-11-18T04:00:01Z' })],
    ['after it ended', () => leasable({ endsAt: '2026-11-18T04:00:00Z' })],
    [
      'of a paused benefit',
      async () => {
        const made = await leasable();
        await sql`
          update benefit set paused_at = ${noon}, pause_reason = 'audit' where id = ${made.benefit}`;
        return made;
      },
    ],
    [
      'without a policy',
      async () => {
        const made = await leasable();
        await sql`delete from offline_policy where benefit_id = ${made.benefit}`;
        return made;
      },
    ],
    [
      'when it is revoked',
      async () => {
        const made = await leasable();
        await sql`update device set revoked_at = ${noon} where id = ${made.device.id}`;
        return made;
      },
    ],
  ];
  test.each(nothing)('nothing %s', async (_, make) => {
    const { benefit, device } = await make();
    expect(await grantedTo(device, benefit)).toBeUndefined();
    expect((await poolOf(benefit))?.leased ?? 0).toBe(0);
  });

  test.each([
    ['paused', sql`state = 'paused'`],
    ['in testing', sql`state = 'testing'`],
    ['for online use', sql`is_offline_allowed = false`],
    ['for other outlets', sql`outlet_ids = '{0}'`],
  ])('nothing of a benefit that its partner’s admission has %s', async (_, change) => {
    const { benefit, device } = await leasable();
    const [partner] = await sql`
      update benefit_partner set ${change} where benefit_id = ${benefit} returning partner_id`;
    expect(partner).toBeDefined();
    expect(await grantedTo(device, benefit)).toBeUndefined();
  });

  test('each month’s own places, and gives the last month’s back', async () => {
    const { benefit, device } = await leasable({}, { hours: 72 });
    await sql`update benefit set quota_period = 'month' where id = ${benefit}`;
    await sql`
      update allocation set starts_at = '2026-11-01T00:00:00+08:00' where benefit_id = ${benefit}`;
    await sql`
      insert into allocation (benefit_id, union_id, starts_at, cap)
      values (${benefit}, ${city.unions.root}, '2026-12-01T00:00:00+08:00', 100)`;
    await setClock(sql, '2026-11-30T12:00:00+08:00');
    const midnight = new Date('2026-12-01T00:00:00+08:00');
    const november = await grantedTo(device, benefit);
    expect(november).toMatchObject({ units: 10, expires_at: midnight });
    await setClock(sql, midnight.toISOString());
    const december = await grantedTo(device, benefit);
    expect(december).toMatchObject({
      units: 10,
      expires_at: new Date('2026-12-04T00:00:00+08:00'),
    });
    expect(december?.lease).not.toBe(november?.lease);
    const pools = await sql`
      select leased from allocation where benefit_id = ${benefit} order by starts_at`;
    expect(pools).toEqual([{ leased: 0 }, { leased: 10 }]);
    await setClock(sql, noon.toISOString());
  });

  test('nothing more while it is paused, and keeps what it has until that is over', async () => {
    const { benefit, device } = await leasable();
    await renew(device);
    await sql`update benefit set paused_at = ${noon}, pause_reason = 'audit' where id = ${benefit}`;
    await moveClock(sql, '1 hour');
    expect(await grantedTo(device, benefit)).toMatchObject({
      units: 10,
      expires_at: new Date('2026-11-19T04:00:00Z'),
    });
    await moveClock(sql, '23 hours');
    expect(await grantedTo(device, benefit)).toBeUndefined();
  });
});

describe('sold out is never wrong for good', () => {
  /** Two places, one of them in a device's hands, the other one used. */
  const soldOut = async () => {
    const { benefit, device } = await leasable({ pools: { shared: 2 } });
    await renew(device);
    expect(await ask(benefit)).toEqual(['accepted']);
    expect(await ask(benefit)).toEqual(['quota_exhausted']);
    return { benefit, device };
  };

  test('a lease whose grace is over is there for the next statement, without any sweep', async () => {
    const { benefit } = await soldOut();
    await moveClock(sql, '35 hours 59 minutes 59 seconds');
    const late = new Date(noon.getTime() + 36 * 3_600_000);
    expect(await ask(benefit, new Date(late.getTime() - 1000))).toEqual(['quota_exhausted']);
    await moveClock(sql, '1 second');
    expect(await poolOf(benefit)).toMatchObject({ leased: 1, left: 1 });
    expect(await ask(benefit, late)).toEqual(['accepted']);
    expect(await poolOf(benefit)).toMatchObject({ used: 2, leased: 0, left: 0 });
  });

  test('without looking at due leases it stays sold out', async () => {
    const { benefit } = await soldOut();
    await moveClock(sql, '36 hours');
    const late = new Date(noon.getTime() + 36 * 3_600_000);
    const outcomes = await without(
      sql,
      'places_left',
      [['then units_due(a.id, now)', 'then 0']],
      () => ask(benefit, late),
    );
    expect(outcomes).toEqual(['quota_exhausted']);
  });

  test('a device that gives back', async () => {
    const { benefit, device } = await soldOut();
    await sql`select return_leases(${device.id})`;
    await sql`select return_leases(${device.id})`;
    expect(await poolOf(benefit)).toMatchObject({ used: 1, leased: 0 });
    expect(await ask(benefit)).toEqual(['accepted']);
  });

  test('a raised cap', async () => {
    const { benefit } = await soldOut();
    await sql`update allocation set cap = 3 where benefit_id = ${benefit}`;
    expect(await ask(benefit)).toEqual(['accepted']);
  });

  test('a reversal', async () => {
    const { benefit } = await leasable({ pools: { shared: 1 } });
    const item = city.item(await city.addMember(), benefit, noon);
    expect(await outcomesOf(sql, [item])).toEqual(['accepted']);
    expect(await ask(benefit)).toEqual(['quota_exhausted']);
    const undo = { id: city.item(item, 1).id, redemptionId: item.id, reason: 'wrong' };
    const by = { user: item.user, sessionAt: item.sessionAt, secondFactorAt: null };
    await sql`select reverse_redemption(${sql.json({ ...undo, ...by })})`;
    expect(await ask(benefit)).toEqual(['accepted']);
  });

  test('but a cap below what is used and leased is refused', async () => {
    const { benefit } = await soldOut();
    await expect(sql`update allocation set cap = 1 where benefit_id = ${benefit}`).rejects.toThrow(
      /allocation_used/,
    );
  });

  test('the catalogue counts like the counter', async () => {
    const { benefit } = await soldOut();
    const member = await city.addMember();
    const seen = async () => {
      const [row] = await sql`
        select reason, places_left from catalogue(${member.userId}, clock(), ${benefit})`;
      return row;
    };
    expect(await seen()).toEqual({ reason: 'quota_exhausted', places_left: 0 });
    await moveClock(sql, '36 hours');
    expect(await seen()).toEqual({ reason: null, places_left: 1 });
  });
});

describe('the last shared units', () => {
  const contend = async (connections: number) => {
    const { benefit } = await leasable({ pools: { shared: 10 } }, { units: 3 });
    const half = connections / 2;
    const devices = await Promise.all(Array.from({ length: half }, () => city.addDevice()));
    const members = await Promise.all(Array.from({ length: half }, () => city.addMember()));
    const grant = async (device: Device) => {
      const granted = await renew(device, crowd);
      return String(granted.find((one) => one.benefit === benefit)?.units ?? 0);
    };
    const results = await race(
      sql,
      connections,
      (tx) => tx`select from allocation where benefit_id = ${benefit} for update`,
      () => [
        ...devices.map((device) => grant(device).catch(String)),
        ...members.map((member) =>
          outcomesOf(crowd, [city.item(member, benefit, noon)]).then(String),
        ),
      ],
    );
    return { results, pool: await poolOf(benefit) };
  };

  test.each([16, 64])('go to devices and members, never twice: %i connections', async (n) => {
    const { results, pool } = await contend(n);
    const taken = results.map((one) => (one === 'accepted' ? 1 : Number(one) || 0));
    const others = results.filter((one) => !/^(accepted|quota_exhausted|\d+)$/.test(one));
    expect(others).toEqual([]);
    expect(taken.reduce((sum, units) => sum + units, 0)).toBe(10 - (pool?.left ?? 0));
    expect(pool?.left).toBeLessThanOrEqual(1);
  });

  test('are given twice without the pool’s lock, if the constraint did not hold', async () => {
    const lock: [string, string] = [
      'where a.id = any (pools) order by a.id for no key update',
      'where a.id = any (pools)',
    ];
    const { results } = await without(sql, 'renew_leases', [lock], () => contend(16));
    expect(results.join()).toMatch(/allocation_used/);
  });

  test('a due lease is taken back once by all who need it', async () => {
    const { benefit, device } = await leasable({ pools: { shared: 12 } }, { units: 6 });
    await renew(device);
    await moveClock(sql, '36 hours');
    const late = new Date(noon.getTime() + 36 * 3_600_000);
    const members = await Promise.all(Array.from({ length: 32 }, () => city.addMember()));
    const outcomes = await race(
      sql,
      32,
      (tx) => tx`select from allocation where benefit_id = ${benefit} for update`,
      () => members.map((member) => outcomesOf(crowd, [city.item(member, benefit, late)])),
    );
    expect(outcomes.flat().filter((outcome) => outcome === 'accepted')).toHaveLength(12);
    expect(outcomes.flat().filter((outcome) => outcome === 'quota_exhausted')).toHaveLength(20);
    expect(await poolOf(benefit)).toMatchObject({ used: 12, leased: 0 });
  });
});
