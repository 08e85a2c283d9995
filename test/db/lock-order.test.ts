// Risk: two batches each hold what the other wants, and one is killed. One order for everybody makes that impossible.
import { describe, expect, test } from 'vitest';
import type { Transaction } from '../../db/client.ts';
import { buildCity, type Pool } from '../support/city.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';
import type { Sent } from '../support/redeem.ts';
import { type Edits, without } from '../support/vary.ts';

const database = await createDatabase();
const { sql } = database;
const crowd = database.connect({ max: 2, settings: { deadlock_timeout: '20ms' } });
const city = await buildCity(sql);
staysConsistent(sql);

const deadlockDetected = '40P01';

/** One statement, without redeem()'s second try: how it ended. */
async function send(items: Sent[]): Promise<string> {
  const answers = await crowd<{ outcome: string }[]>`
    select outcome from redeem(${crowd.json(items)})`.catch((error: unknown) => {
    if (error instanceof Error && 'code' in error) return [{ outcome: String(error.code) }];
    throw error;
  });
  return answers.some(({ outcome }) => outcome !== 'accepted')
    ? answers.map(({ outcome }) => outcome).join()
    : 'accepted';
}

/** Two batches over the same two things in opposite order, stopped half-way at a third and fourth. */
function cross(close: (tx: Transaction) => Promise<unknown>, one: Sent[], two: Sent[]) {
  return race(sql, 2, close, () => [send(one), send(two)]);
}

describe('members', () => {
  const contend = async () => {
    const [a, b, ...stops] = await Promise.all([1, 2, 3, 4].map(() => city.addMember()));
    const [stopOne, stopTwo] = stops;
    if (!a || !b || !stopOne || !stopTwo) throw new Error('Four members were asked for.');
    const benefits = [await city.addBenefit(), await city.addBenefit()] as const;
    return cross(
      (tx) => tx`
        select from member where id in ${tx([stopOne.id, stopTwo.id])} for no key update`,
      [a, stopOne, b].map((member) => city.item(member, benefits[0])),
      [b, stopTwo, a].map((member) => city.item(member, benefits[1])),
    );
  };

  const inBatchOrder: Edits = [
    ['select distinct i.cell, i.member_id from', 'select i.cell, i.member_id from'],
    ['order by m.cell, m.id\n', ''],
  ];

  test('are locked in one order', async () => {
    expect(await contend()).toEqual(['accepted', 'accepted']);
  });

  test('deadlock in the order of the batch', async () => {
    const outcomes = await without(sql, 'redeem', inBatchOrder, contend);
    expect(outcomes.sort()).toEqual([deadlockDetected, 'accepted']);
  });
});

describe.each<[string, Pool, Edits]>([
  [
    'home allocations',
    city.unions.home,
    [['select distinct i.home_id, i.home_slot from', 'select i.home_id, i.home_slot from']],
  ],
  [
    'shared allocations',
    'shared',
    [
      ['sum(i.quantity) as wanted\n', 'i.quantity as wanted\n'],
      ['group by i.shared_id, i.shared_slot\n', ''],
    ],
  ],
])('%s', (_, pool, plain) => {
  const contend = async () => {
    const benefits: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      benefits.push(await city.addBenefit({ pools: { [pool]: 10 } }));
    }
    const [a = 0, stopOne = 0, b = 0, stopTwo = 0] = benefits;
    const batch = async (order: number[]) => {
      const member = await city.addMember();
      return order.map((benefit) => city.item(member, benefit));
    };
    return cross(
      (tx) => tx`
        select from allocation where benefit_id in ${tx([stopOne, stopTwo])} for no key update`,
      await batch([a, stopOne, b]),
      await batch([b, stopTwo, a]),
    );
  };

  test('are locked in one order', async () => {
    expect(await contend()).toEqual(['accepted', 'accepted']);
  });

  test('deadlock in the order of the batch', async () => {
    const inBatchOrder: Edits = [...plain, ['order by a.id\n', '']];
    const outcomes = await without(sql, 'redeem', inBatchOrder, contend);
    expect(outcomes.sort()).toEqual([deadlockDetected, 'accepted']);
  });
});

describe('leases', () => {
  const contend = async () => {
    const benefit = await city.addBenefit({ limit: [9, 'day'] });
    const held = async () => {
      const device = await city.addDevice();
      return { device, lease: await city.addLease(device, benefit, 5) };
    };
    const [a, stopOne, b, stopTwo] = [await held(), await held(), await held(), await held()];
    const batch = async (order: (typeof a)[]) => {
      const member = await city.addMember();
      return order.map(({ device, lease }) => city.offlineItem(member, benefit, device, lease));
    };
    return cross(
      (tx) => tx`
        select from lease where id in ${tx([stopOne.lease.id, stopTwo.lease.id])}
        for no key update`,
      await batch([a, stopOne, b]),
      await batch([b, stopTwo, a]),
    );
  };

  test('are locked in one order', async () => {
    expect(await contend()).toEqual(['accepted', 'accepted']);
  });

  test('deadlock in the order of the batch', async () => {
    const inBatchOrder: Edits = [['order by l.id\n', 'order by array_position(leases, l.id)\n']];
    const outcomes = await without(sql, 'redeem', inBatchOrder, contend);
    expect(outcomes.sort()).toEqual([deadlockDetected, 'accepted']);
  });
});

describe('admissions with a cap', () => {
  const { home, host, homeEnterprise, hostEnterprise } = city.unions;
  const contend = async () => {
    const benefits: number[] = [];
    for (let i = 0; i < 4; i += 1)
      benefits.push(await city.addBenefit({ pools: { [home]: 10, [host]: 10 } }));
    await sql`update benefit_partner set cap = 9 where benefit_id in ${sql(benefits)}`;
    const [a = 0, stopOne = 0, b = 0, stopTwo = 0] = benefits;
    // Of two districts, whose counters are apart.
    const batch = async (enterprise: number, order: number[]) => {
      const member = await city.addMember({ enterprise });
      return order.map((benefit) => city.item(member, benefit));
    };
    return cross(
      (tx) => tx`
        select from benefit_partner where benefit_id in ${tx([stopOne, stopTwo])}
        for no key update`,
      await batch(homeEnterprise, [a, stopOne, b]),
      await batch(hostEnterprise, [b, stopTwo, a]),
    );
  };

  test('are locked in one order', async () => {
    expect(await contend()).toEqual(['accepted', 'accepted']);
  });

  test('deadlock in the order of the batch', async () => {
    const inBatchOrder: Edits = [['order by a.benefit_id, a.partner_id\n', 'order by i.ord\n']];
    const outcomes = await without(sql, 'redeem', inBatchOrder, contend);
    expect(outcomes.sort()).toEqual([deadlockDetected, 'accepted']);
  });
});
