// Risk (I10): an offline scan is lost, judged before an earlier one, judged twice, or gets the verdict of another fault.
import { describe, expect, test } from 'vitest';
import {
  buildCity,
  type BenefitOptions,
  type Device,
  type Lease,
  type Member,
  type OfflineItem,
  type PolicyOptions,
} from '../support/city.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { type Entry, link } from '../support/device-phone.ts';
import { race } from '../support/gate.ts';
import { OfflineQueue } from '../support/offline-queue.ts';
import { outcomesOf } from '../support/redeem.ts';
import { without } from '../support/vary.ts';

const database = await createDatabase();
const { sql } = database;
const crowd = database.connect({ max: 16, settings: { deadlock_timeout: '50ms' } });
const city = await buildCity(sql);
staysConsistent(sql);

const noon = new Date('2026-11-18T04:00:00Z');
const after = (minutes: number) => new Date(noon.getTime() + minutes * 60_000);
await setClock(sql, noon.toISOString());

type Till = {
  benefit: number;
  device: Device;
  lease: Lease;
  member: Member;
  queue: OfflineQueue;
  scan: (member?: Member, at?: Date) => OfflineItem;
};

/** A benefit five times a day, and a device with ten units of it; its scans are at noon, the clock an hour later. */
async function openTill(policy: PolicyOptions = {}, options: BenefitOptions = {}): Promise<Till> {
  await setClock(sql, noon.toISOString());
  const benefit = await city.addBenefit({ limit: [5, 'day'], quantityMax: 5, ...options });
  await city.addPolicy(benefit, policy);
  const device = await city.addDevice();
  const lease = await city.addLease(device, benefit, 10);
  const member = await city.addMember();
  await moveClock(sql, '1 hour');
  const scan = (by = member, at = noon) => city.offlineItem(by, benefit, device, lease, at);
  return { benefit, device, lease, member, queue: new OfflineQueue(sql, device), scan };
}

const judgedSeq = async ({ id }: Device) => {
  const [row] = await sql<{ seq: number }[]>`select judged_seq as seq from device where id = ${id}`;
  return row?.seq;
};

const alertsOf = async ({ id }: Device) => {
  const rows = await sql<{ kind: string; seq: number; open: boolean }[]>`
    select kind, seq, closed_at is null as open from alert where device_id = ${id} order by id`;
  return rows.map(({ kind, seq, open }) => `${kind} ${seq}${open ? '' : ' closed'}`);
};

const keep = ({ id }: Device, prev: string, entries: Entry[], by = sql) => {
  const links = entries.map(({ seq, hash, body }) => ({ seq, hash, body }));
  return by`select keep_offline_items(${id}, ${prev}, ${by.json(links)})`;
};

const zeros = '0'.repeat(64);

describe('an upload', () => {
  test('is kept as it is and judged in order; again it changes nothing', async () => {
    const { device, queue, scan } = await openTill();
    await queue.add(scan(), scan(await city.addMember()));
    expect(await queue.upload()).toEqual([
      { seq: 1, verdict: 'accepted', reason: null },
      { seq: 2, verdict: 'accepted', reason: null },
    ]);
    expect(await queue.upload()).toEqual([]);
    const kept = await sql`
      select seq, hash, body from offline_item where device_id = ${device.id} order by seq`;
    expect([...kept]).toEqual(queue.entries.map(({ seq, hash, body }) => ({ seq, hash, body })));
    expect(await judgedSeq(device)).toBe(2);
    expect(await alertsOf(device)).toEqual([]);
  });

  test('beyond a gap waits until the gap fills, and the union hears of the gap meanwhile', async () => {
    const { device, queue, scan } = await openTill();
    await queue.add(...Array.from({ length: 6 }, () => scan()).slice(0, 5));
    expect(await queue.upload(1, 1)).toHaveLength(1);
    expect(await queue.upload(4, 2)).toEqual([]);
    expect(await queue.verdicts()).toEqual(['accepted', null, null]);
    expect(await alertsOf(device)).toEqual(['device_gap 2']);
    expect(await queue.upload(2, 1)).toHaveLength(1);
    expect(await alertsOf(device)).toEqual(['device_gap 2 closed', 'device_gap 3']);
    expect(await queue.upload(3, 1)).toHaveLength(3);
    expect(await alertsOf(device)).toEqual(['device_gap 2 closed', 'device_gap 3 closed']);
    expect(await judgedSeq(device)).toBe(5);
  });

  test('that comes after its gap was declared lost waits for the union', async () => {
    const { device, queue, scan } = await openTill();
    await queue.add(scan(), scan(), scan());
    await queue.upload(1, 1);
    await queue.upload(3, 1);
    await sql`update device set judged_seq = 2 where id = ${device.id}`;
    expect(await queue.upload(3, 1)).toEqual([{ seq: 3, verdict: 'accepted', reason: null }]);
    expect(await queue.upload(2, 1)).toEqual([]);
    expect(await queue.verdicts()).toEqual(['accepted', 'needs_review: declared_lost', 'accepted']);
  });

  test('with another text for a known seq is a fork: the first one is the scan', async () => {
    const { device, queue, scan } = await openTill();
    await queue.add(scan(), scan());
    await queue.upload();
    const rewound = await link(queue.entries[0], JSON.stringify(scan()));
    await keep(device, rewound.prev, [rewound]);
    await keep(device, rewound.prev, [rewound]);
    expect(await queue.verdicts()).toEqual(['accepted', 'accepted', 'needs_review: seq_forked']);
    expect(await alertsOf(device)).toEqual(['device_fork 2']);
    expect(await queue.upload()).toEqual([]);
  });

  test('whose fork comes before the scan was judged: the first one is judged', async () => {
    const { device, queue, scan } = await openTill();
    await queue.add(scan());
    const other = await link(undefined, JSON.stringify(scan()));
    await keep(device, zeros, queue.entries);
    await keep(device, zeros, [other]);
    const waiting = await sql`select seq, body from unjudged_offline_items(${device.id})`;
    expect([...waiting]).toEqual([{ seq: 1, body: queue.entries[0]?.body }]);
    expect(await queue.upload()).toEqual([{ seq: 1, verdict: 'accepted', reason: null }]);
  });

  test.each<[string, (queue: OfflineQueue, others: Entry[]) => Promise<unknown>, string]>([
    [
      'does not begin at the beginning',
      ({ device }, others) => keep(device, 'f'.repeat(64), others.slice(0, 1)),
      'device_fork 1',
    ],
    [
      'does not follow what is kept',
      async (queue, others) => {
        await keep(queue.device, zeros, queue.entries.slice(0, 1));
        await keep(queue.device, others[0]?.hash ?? '', others.slice(1, 2));
      },
      'device_fork 2',
    ],
    [
      'is not followed by what is kept',
      async (queue, others) => {
        await keep(queue.device, queue.entries[0]?.hash ?? '', queue.entries.slice(1, 2));
        await keep(queue.device, zeros, others.slice(0, 1));
      },
      'device_fork 2',
    ],
  ])('whose chain %s alarms the union', async (_, send, alarm) => {
    const { queue, scan } = await openTill();
    await queue.add(scan(), scan());
    const other = await link(undefined, JSON.stringify(scan()));
    await send(queue, [other, await link(other, JSON.stringify(scan()))]);
    expect(await alertsOf(queue.device)).toContain(alarm);
  });

  test('in pieces that fit raises no fork, in whatever order', async () => {
    const { device, queue, scan } = await openTill();
    await queue.add(scan(), scan(), scan(), scan());
    for (const from of [4, 2, 3, 1]) await queue.upload(from, 1);
    expect((await alertsOf(device)).filter((one) => !one.endsWith('closed'))).toEqual([]);
    expect(await queue.verdicts()).toEqual(Array(4).fill('accepted'));
  });

  test('says that the device lives', async () => {
    const { device, queue, scan } = await openTill();
    await queue.add(scan());
    await queue.upload();
    const [row] = await sql`select seen_at from device where id = ${device.id}`;
    expect(row).toEqual({ seen_at: after(60) });
  });
});

describe('judging', () => {
  test.each([
    ['what is not next', 2],
    ['what was judged', 0],
  ])('%s has no effect', async (_, seq) => {
    const { device, queue, scan } = await openTill();
    await queue.add(scan(), scan());
    await keep(device, zeros, queue.entries);
    const items = [{ ...scan(), seq }];
    expect(
      await sql`select * from book_offline_items(${device.id}, ${sql.json(items)})`,
    ).toHaveLength(0);
    expect(await sql`select from redemption where device_id = ${device.id}`).toHaveLength(0);
  });

  test('what was never kept has no effect', async () => {
    const { device, scan } = await openTill();
    const items = [{ ...scan(), seq: 1 }];
    expect(
      await sql`select * from book_offline_items(${device.id}, ${sql.json(items)})`,
    ).toHaveLength(0);
    expect(await judgedSeq(device)).toBe(0);
  });

  test('two tabs that upload one queue at once book it once', async () => {
    const { device, queue, scan, lease } = await openTill({}, { limit: [100, 'day'] });
    await queue.add(scan(), scan(), scan());
    await keep(device, zeros, queue.entries);
    const booked = await race(
      sql,
      8,
      (tx) => tx`select from device where id = ${device.id} for update`,
      () => Array.from({ length: 8 }, () => queue.upload(1, 3, crowd)),
    );
    expect(booked.filter(({ length }) => length === 3)).toHaveLength(1);
    expect(booked.filter(({ length }) => length === 0)).toHaveLength(7);
    expect(await sql`select used from lease where id = ${lease.id}`).toEqual([{ used: 3 }]);
  });

  const ended = (status: string, at: Date, { card }: Member) =>
    sql`update card set status = ${status}, ended_at = ${at} where number = ${card}`;

  const verdicts: [string, (till: Till) => Promise<OfflineItem | { invalid: string }>][] = [
    ['accepted', async ({ scan }) => scan()],
    [
      'accepted',
      async ({ scan, benefit }) => {
        await sql`
          update benefit set paused_at = ${after(1)}, pause_reason = 'x' where id = ${benefit}`;
        return scan();
      },
    ],
    [
      'accepted',
      async ({ scan, member }) => {
        await ended('blocked', after(1), member);
        return scan();
      },
    ],
    [
      'duplicate: pass_already_used',
      async ({ scan, member, benefit }) => {
        const online = city.item(member, benefit, noon);
        await setClock(sql, noon.toISOString());
        await outcomesOf(sql, [online]);
        await moveClock(sql, '1 hour');
        return { ...scan(), jti: online.jti };
      },
    ],
    [
      'over_limit: limit_reached',
      async ({ scan, member, benefit }) => {
        await setClock(sql, noon.toISOString());
        for (let i = 0; i < 5; i += 1) {
          await outcomesOf(sql, [city.item(member, benefit, noon)]);
        }
        await moveClock(sql, '1 hour');
        return scan();
      },
    ],
    [
      'over_limit: quota_exhausted',
      async ({ scan, device, benefit }) => {
        await sql`select return_leases(${device.id})`;
        await sql`update allocation set cap = 0 where benefit_id = ${benefit}`;
        return scan();
      },
    ],
    [
      'over_limit: card_lost',
      async ({ scan, member }) => {
        await ended('lost', after(-5), member);
        return { ...scan(), listAt: after(-6).toISOString() };
      },
    ],
    [
      'invalid: card_lost',
      async ({ scan, member }) => {
        await ended('lost', after(-5), member);
        return { ...scan(), listAt: after(-5).toISOString() };
      },
    ],
    ['invalid: malformed', () => Promise.resolve({ invalid: 'malformed' })],
    ['invalid: pass_invalid', () => Promise.resolve({ invalid: 'pass_invalid' })],
    ['invalid: scan_in_future', async ({ scan, member }) => scan(member, after(61.2))],
    ['accepted', async ({ scan, member }) => scan(member, after(61.1))],
    ['invalid: pass_expired', async ({ scan }) => ({ ...scan(), exp: noon.getTime() / 1000 })],
    [
      'invalid: pass_not_yet_valid',
      async ({ scan }) => ({ ...scan(), exp: noon.getTime() / 1000 + 71 }),
    ],
    ['invalid: card_unknown', async ({ scan, member }) => ({ ...scan(), card: member.card ^ 1 })],
    ['invalid: benefit_unknown', async ({ scan }) => ({ ...scan(), benefit: 2 ** 30 })],
    [
      'invalid: key_revoked',
      async ({ scan }) => {
        const kid = await city.addKey();
        await sql`update signing_key set revoked_at = ${after(-1)} where kid = ${kid}`;
        return { ...scan(), kid };
      },
    ],
    [
      'invalid: exists_with_different_content',
      async ({ scan }) => {
        const item = scan();
        await outcomesOf(sql, [item]);
        return { ...item, quantity: 2 };
      },
    ],
    [
      'needs_review: member_left',
      async ({ scan, member }) => {
        await sql`
          update affiliation set ended_at = ${after(-1)} where member_id = ${member.id}`;
        return scan();
      },
    ],
    [
      'needs_review: benefit_paused',
      async ({ scan, benefit }) => {
        await sql`
          update benefit set paused_at = ${after(-1)}, pause_reason = 'x' where id = ${benefit}`;
        return scan();
      },
    ],
    [
      'needs_review: operator_suspended',
      async ({ scan }) => {
        const { userId } = await city.addOperator(city.outlet.partner, [city.homeOutlet]);
        return { ...scan(), user: userId };
      },
    ],
    ['needs_review: quantity_too_large', async ({ scan }) => ({ ...scan(), quantity: 6 })],
    [
      'needs_review: device_revoked',
      async ({ scan, device }) => {
        await sql`update device set revoked_at = clock() where id = ${device.id}`;
        await sql`select return_leases(${device.id})`;
        return scan();
      },
    ],
    [
      'needs_review: value_too_high',
      async ({ scan, benefit }) => {
        await sql`update offline_policy set value_max_fen = 4499 where benefit_id = ${benefit}`;
        return scan();
      },
    ],
  ];

  test.each(verdicts)('%s', async (verdict, make) => {
    const till = await openTill();
    await till.queue.add(await make(till));
    await till.queue.upload();
    expect(await till.queue.verdicts()).toEqual([verdict]);
    expect(await judgedSeq(till.device)).toBe(1);
    const booked = await sql`select from redemption where device_id = ${till.device.id}`;
    const isBooked = /^(accepted|duplicate|over_limit|invalid: exists)/.test(verdict);
    expect(booked).toHaveLength(isBooked ? 1 : 0);
  });

  test('what one card may use on one device in a day, over uploads and days', async () => {
    const till = await openTill({ cardUsesADay: 2 });
    const { queue, member, scan } = till;
    const tomorrow = new Date(noon.getTime() + 86_400_000);
    await queue.add(scan(), scan(), scan(), scan(await city.addMember()));
    await queue.upload(1, 1);
    await queue.upload(2, 3);
    await setClock(sql, tomorrow.toISOString());
    const [lease] = await sql<Lease[]>`
      select lease as id, units, used from renew_leases(${till.device.id})
      where benefit = ${till.benefit}`;
    if (!lease) throw new Error('It had a lease.');
    await queue.add(city.offlineItem(member, till.benefit, till.device, lease, tomorrow));
    await queue.upload(5, 1);
    expect(await queue.verdicts()).toEqual([
      'accepted',
      'accepted',
      'needs_review: card_uses_a_day',
      'accepted',
      'accepted',
    ]);
  });

  test('without the union’s leave nothing is paid by itself, however often a card was scanned', async () => {
    const { queue, benefit, scan } = await openTill({}, { limit: [1, 'day'] });
    await sql`delete from lease where benefit_id = ${benefit}`;
    await sql`update allocation set leased = 0 where benefit_id = ${benefit}`;
    await sql`delete from offline_policy where benefit_id = ${benefit}`;
    await queue.add(scan(), scan(), scan(await city.addMember()));
    await queue.upload();
    const held = 'needs_review: card_uses_a_day';
    expect(await queue.verdicts()).toEqual([held, held, held]);
    expect(await sql`select from redemption where benefit_id = ${benefit}`).toHaveLength(0);
  });

  test('where the leave was withdrawn, what is left of its lease is still good', async () => {
    const { queue, benefit, lease, scan } = await openTill();
    await sql`update lease set units = 2 where id = ${lease.id}`;
    await sql`update allocation set leased = 2 where benefit_id = ${benefit}`;
    await sql`delete from offline_policy where benefit_id = ${benefit}`;
    await queue.add(scan(), scan(), scan());
    await queue.upload();
    expect(await queue.verdicts()).toEqual([
      'accepted',
      'accepted',
      'needs_review: card_uses_a_day',
    ]);
  });

  test('the benefit’s union owns the review; the partner’s where no benefit can be read', async () => {
    const { queue, device, scan } = await openTill({}, { union: city.unions.home });
    await queue.add(scan(), { invalid: 'malformed' });
    await queue.upload();
    const rows = await sql`
      select union_id from offline_item where device_id = ${device.id} order by seq`;
    expect(rows.map((row) => row['union_id'])).toEqual([city.unions.home, city.unions.host]);
  });
});

describe('offline over-use is bounded (I12)', () => {
  test('by the leases, and by the devices times what one card may use on each', async () => {
    const cardUsesADay = 2;
    const till = await openTill({ cardUsesADay }, { limit: [1, 'day'] });
    const queues = [till.queue];
    for (let i = 0; i < 3; i += 1) queues.push(new OfflineQueue(sql, await city.addDevice()));
    for (const queue of queues) {
      const lease =
        queue === till.queue ? till.lease : await city.addLease(queue.device, till.benefit, 10);
      for (let i = 0; i < 4; i += 1) {
        const minute = city.offlineItem(till.member, till.benefit, queue.device, lease, after(i));
        await queue.add(minute);
      }
      await queue.upload();
    }
    const [sums] = await sql<{ uses: number; over: number; leased: number }[]>`
      select sum(quantity)::int as uses, (sum(quantity) filter (where variance is not null))::int as over,
        (select leased from allocation where benefit_id = ${till.benefit}) as leased
      from redemption where benefit_id = ${till.benefit}`;
    expect(sums).toEqual({ uses: queues.length * cardUsesADay, over: 7, leased: 40 });
  });
});

describe('uploads, renewals and redemptions beside each other', () => {
  const contend = async () => {
    const tills = [await openTill({}, { limit: [100, 'day'] })];
    const [first] = tills;
    if (!first) throw new Error('It was just made.');
    const { benefit } = first;
    const members = await Promise.all(Array.from({ length: 6 }, () => city.addMember()));
    const queues: OfflineQueue[] = [];
    for (let i = 0; i < 4; i += 1) {
      const device = await city.addDevice();
      const lease = i % 2 ? await city.addLease(device, benefit, 10) : null;
      const queue = new OfflineQueue(sql, device);
      const order = i < 2 ? members : members.toReversed();
      await queue.add(
        ...order.map((member) => city.offlineItem(member, benefit, device, lease, noon)),
      );
      queues.push(queue);
    }
    const at = after(60);
    const work = [
      ...queues.map((queue) => () => queue.upload(1, 6, crowd)),
      ...queues.map(
        ({ device }) =>
          () =>
            crowd`select from renew_leases(${device.id})`,
      ),
      ...queues.map(
        ({ device }) =>
          () =>
            crowd`select return_leases(${device.id})`,
      ),
      () =>
        outcomesOf(
          crowd,
          members.map((member) => city.item(member, benefit, at)),
        ),
      () =>
        outcomesOf(
          crowd,
          members.toReversed().map((member) => city.item(member, benefit, at)),
        ),
    ];
    return Promise.all(
      work.map((one) =>
        one().then(
          () => 'done',
          (error: unknown) => String(error),
        ),
      ),
    );
  };

  test('end, all of them', async () => {
    for (let round = 0; round < 5; round += 1) {
      expect(new Set(await contend())).toEqual(new Set(['done']));
    }
  });

  test('one pass on two devices at once is accepted once', async () => {
    const { benefit, member } = await openTill({}, { limit: [100, 'day'] });
    const queues = await Promise.all(
      Array.from({ length: 2 }, async () => new OfflineQueue(sql, await city.addDevice())),
    );
    for (const queue of queues) {
      const lease = await city.addLease(queue.device, benefit, 1);
      await queue.add({ ...city.offlineItem(member, benefit, queue.device, lease, noon), jti: 7 });
    }
    const send = () =>
      race(
        sql,
        2,
        (tx) => tx`select from member where id = ${member.id} for update`,
        () => queues.map((queue) => queue.upload(1, 1, crowd)),
      );
    await send();
    const verdicts = await Promise.all(queues.map((queue) => queue.verdicts()));
    expect(verdicts.flat().sort()).toEqual(['accepted', 'duplicate: pass_already_used']);
  });

  test('without the members’ order two uploads wait for each other', async () => {
    const inAnyOrder: [string, string][] = [
      ['order by m.cell, m.id\n    for no key update of m', 'for no key update of m'],
      ['select distinct c.cell, c.member_id', 'select c.cell, c.member_id'],
    ];
    const [a, b, stopOne, stopTwo] = await Promise.all([1, 2, 3, 4].map(() => city.addMember()));
    if (!a || !b || !stopOne || !stopTwo) throw new Error('Four members were asked for.');
    const { benefit } = await openTill({}, { limit: [100, 'day'] });
    const cross = async () => {
      const queues: OfflineQueue[] = [];
      for (const order of [
        [a, stopOne, b],
        [b, stopTwo, a],
      ]) {
        const queue = new OfflineQueue(sql, await city.addDevice());
        const lease = await city.addLease(queue.device, benefit, 3);
        await queue.add(
          ...order.map((one) => city.offlineItem(one, benefit, queue.device, lease, noon)),
        );
        queues.push(queue);
      }
      return race(
        sql,
        2,
        (tx) => tx`
          select from member where id in ${tx([stopOne.id, stopTwo.id])} for no key update`,
        () =>
          queues.map((queue) =>
            queue.upload(1, 3, crowd).then(
              () => 'done',
              (error: unknown) => String(error),
            ),
          ),
      );
    };
    expect(await cross()).toEqual(['done', 'done']);
    const outcomes = await without(sql, 'book_offline_items', inAnyOrder, cross);
    expect(outcomes.join()).toMatch(/deadlock/);
  });
});
