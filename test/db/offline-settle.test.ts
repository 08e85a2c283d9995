// Risk (I11): who is paid, and by whom, depends on which phone found the network first.
import { describe, expect, test } from 'vitest';
import { buildCity, type BenefitOptions, type PolicyOptions } from '../support/city.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { OfflineQueue } from '../support/offline-queue.ts';
import { outcomesOf } from '../support/redeem.ts';
import { without } from '../support/vary.ts';

const database = await createDatabase();
const { sql } = database;
const city = await buildCity(sql);
staysConsistent(sql);

const noon = new Date('2026-11-18T04:00:00Z');
const after = (seconds: number) => new Date(noon.getTime() + seconds * 1000);
await setClock(sql, noon.toISOString());

/** One scan of a device of its own: when, how many, and which pass. */
type Scan = { at: number; quantity?: number; jti: number; hasLease?: boolean };

type Story = {
  scans: Scan[];
  options?: BenefitOptions;
  policy?: PolicyOptions;
  /** The member's pass and time online, answered before anything is uploaded. */
  online?: { jti: number; at: number };
};

type End = { verdicts: (string | null)[]; used: number; payers: (number | null)[] };

/** Plays the same story with its uploads in this order. */
async function play({ scans, options, policy, online }: Story, order: number[]): Promise<End> {
  await setClock(sql, after(-3600).toISOString());
  const benefit = await city.addBenefit({ limit: [1, 'day'], quantityMax: 5, ...options });
  await city.addPolicy(benefit, policy);
  const member = await city.addMember();
  const queues: OfflineQueue[] = [];
  for (const { at, quantity = 1, jti, hasLease = true } of scans) {
    const device = await city.addDevice();
    const lease = hasLease ? await city.addLease(device, benefit, 5) : null;
    const item = city.offlineItem(member, benefit, device, lease, after(at));
    queues.push(await new OfflineQueue(sql, device).add({ ...item, jti, quantity }));
  }
  if (online) {
    await setClock(sql, after(online.at).toISOString());
    const item = { ...city.item(member, benefit, after(online.at)), jti: online.jti };
    expect(await outcomesOf(sql, [item])).toEqual(['accepted']);
  }
  await setClock(sql, after(14 * 3600).toISOString());
  for (const i of order) {
    await queues[i]?.upload();
    await moveClock(sql, '1 minute');
  }
  const verdicts = (await Promise.all(queues.map((queue) => queue.verdicts()))).flat();
  const [pool] = await sql<{ used: number }[]>`
    select used from allocation where benefit_id = ${benefit} and district_id is null`;
  const payers: (number | null)[] = [];
  for (const { device } of queues) {
    const [leg] = await sql<{ union: number }[]>`
      select a.union_id as union
      from redemption r join transfer t on t.cell = r.cell and t.redemption_id = r.id
      join account a on a.id = t.payer_id
      where r.device_id = ${device.id} and t.kind = 'redemption' and not exists (
        select from transfer back where back.cell = t.cell and back.redemption_id = t.redemption_id
        and back.kind = 'reversal' and back.leg = t.leg)`;
    payers.push(leg?.union ?? null);
  }
  return { verdicts, used: pool?.used ?? 0, payers };
}

const ordersOf = (count: number): number[][] =>
  count === 1
    ? [[0]]
    : ordersOf(count - 1).flatMap((order) =>
        Array.from({ length: count }, (_, i) => order.toSpliced(i, 0, count - 1)),
      );

const { root, host } = city.unions;
const twice = 'duplicate: pass_already_used';
const over = 'over_limit: limit_reached';
const full = 'over_limit: quota_exhausted';

const stories: [string, Story, (string | null)[]][] = [
  [
    'one pass on two devices',
    {
      scans: [
        { at: 0, jti: 1 },
        { at: 5, jti: 1 },
      ],
    },
    ['accepted', twice],
  ],
  [
    'two passes of a member who may once',
    {
      scans: [
        { at: 0, jti: 1 },
        { at: 300, jti: 2 },
      ],
    },
    ['accepted', over],
  ],
  [
    'a pass at two devices and a limit of two',
    {
      scans: [
        { at: 0, jti: 1 },
        { at: 5, jti: 1 },
        { at: 60, jti: 2 },
        { at: 120, jti: 3 },
      ],
      options: { limit: [2, 'day'] },
    },
    ['accepted', twice, 'accepted', over],
  ],
  [
    'quantities: what is left over goes to the next that fits',
    {
      scans: [
        { at: 0, jti: 1, quantity: 1 },
        { at: 60, jti: 2, quantity: 2 },
        { at: 120, jti: 3, quantity: 1 },
      ],
      options: { limit: [2, 'day'] },
    },
    ['accepted', over, 'accepted'],
  ],
  [
    'both sides of midnight: each day has its own limit, and the pass is one',
    {
      scans: [
        { at: 12 * 3600 - 10, jti: 1 },
        { at: 12 * 3600 + 5, jti: 1 },
        { at: 12 * 3600 + 50, jti: 2 },
      ],
    },
    ['accepted', twice, 'accepted'],
  ],
  [
    'a pass on both sides of midnight, and another one when the day is older',
    {
      scans: [
        { at: 12 * 3600 - 10, jti: 1 },
        { at: 12 * 3600 + 5, jti: 1 },
        { at: 12 * 3600 + 600, jti: 2 },
      ],
    },
    ['accepted', twice, 'accepted'],
  ],
  [
    'a pass answered online stands, also over an earlier scan',
    {
      scans: [
        { at: 0, jti: 9 },
        { at: 60, jti: 1 },
      ],
      online: { at: 30, jti: 9 },
      options: { limit: [2, 'day'] },
    },
    [twice, 'accepted'],
  ],
  [
    'a limit used up online stands, also over an earlier scan',
    { scans: [{ at: 0, jti: 1 }], online: { at: 30, jti: 9 } },
    [over],
  ],
  [
    'without leases the last place goes to the earliest',
    {
      scans: [
        { at: 0, jti: 1, hasLease: false },
        { at: 5, jti: 1, hasLease: false },
        { at: 60, jti: 2, hasLease: false },
      ],
      options: { limit: [5, 'day'], pools: { shared: 1 } },
    },
    ['accepted', twice, full],
  ],
];

describe.each(stories)('%s', (_, story, verdicts) => {
  test.each(ordersOf(story.scans.length).map((order) => [order.join(', '), order] as const))(
    'uploaded as %s',
    async (_name, order) => {
      const { used, ...end } = await play(story, order);
      expect(end.verdicts).toEqual(verdicts);
      const isPooled = (i: number) => story.scans[i]?.hasLease === false;
      const pooled = verdicts.filter((verdict, i) => verdict === 'accepted' && isPooled(i)).length;
      expect(used).toBe(pooled + (story.online ? 1 : 0));
    },
  );
});

describe('the money follows', () => {
  const scans = [
    { at: 0, jti: 1 },
    { at: 5, jti: 1 },
  ];
  test.each([
    ['union', [root, root]],
    ['district', [root, host]],
    ['partner', [root, null]],
  ] as const)('where the %s bears one use too many', async (variancePayer, payers) => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      expect((await play({ scans, policy: { variancePayer } }, order)).payers).toEqual(payers);
    }
  });

  test('and comes back when a use has room again', async () => {
    const story: Story = {
      scans: [
        { at: 0, jti: 1 },
        { at: 60, jti: 2, quantity: 2 },
        { at: 120, jti: 3 },
      ],
      options: { limit: [2, 'day'] },
      policy: { variancePayer: 'partner' },
    };
    for (const order of ordersOf(3)) {
      expect((await play(story, order)).payers).toEqual([root, null, root]);
    }
  });
});

test('without settling, whoever uploads first is paid', async () => {
  const scans = [
    { at: 0, jti: 1 },
    { at: 5, jti: 1 },
  ];
  const end = await without(
    sql,
    'book_offline_items',
    [
      ['perform settle_offline(', 'perform array_length('],
      ['where a.booked\n    )\n  );', 'where a.booked\n    ), 1\n  );'],
    ],
    () => play({ scans }, [1, 0]),
  );
  expect(end.verdicts).toEqual([twice, 'accepted']);
});

test('what was reversed or decided stays, and its pass stays used', async () => {
  await setClock(sql, noon.toISOString());
  const benefit = await city.addBenefit({ limit: [1, 'day'] });
  await city.addPolicy(benefit);
  const member = await city.addMember();
  const make = async (at: number, jti: number) => {
    const device = await city.addDevice();
    const lease = await city.addLease(device, benefit, 5);
    const item = { ...city.offlineItem(member, benefit, device, lease, after(at)), jti };
    return { item, queue: await new OfflineQueue(sql, device).add(item) };
  };
  const [early, reversed, late] = [await make(0, 1), await make(10, 1), await make(20, 2)];
  const again = await make(30, 2);
  await moveClock(sql, '10 minutes');
  await reversed.queue.upload();
  const undo = { id: city.item(member, 1).id, redemptionId: reversed.item.id, reason: 'wrong' };
  const by = { user: city.operator.userId, sessionAt: noon.toISOString(), secondFactorAt: null };
  await sql`select reverse_redemption(${sql.json({ ...undo, ...by })})`;
  for (const { queue } of [again, late, early]) await queue.upload();
  expect(await reversed.queue.verdicts()).toEqual(['accepted']);
  expect(await early.queue.verdicts()).toEqual([twice]);
  expect(await late.queue.verdicts()).toEqual(['accepted']);
  expect(await again.queue.verdicts()).toEqual([twice]);
});
