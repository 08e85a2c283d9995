// Risk: what offline phones did ends differently by the order in which the network lets them tell it.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sql } from '../../db/client.ts';
import { buildCity, type Device } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { type Entry, link } from '../support/device-phone.ts';
import {
  bearers,
  chainsOf,
  type Delivery,
  inOneBreath,
  leaseUnits,
  memberCount,
  type OfflineScan,
  telling,
} from '../support/model/uploads.ts';
import { endState, uploadBySql } from '../support/offline.ts';
import { createOriginal } from '../support/original.ts';
import { outcomesOf } from '../support/redeem.ts';
import { type Edits, without } from '../support/vary.ts';

const seed = Number(process.env['TONGKA_SEED'] ?? 20261124);
const minuteMs = 60_000;
const minuteOf = (at: number) => Math.floor(at / minuteMs);
/** Two minutes after midnight in Beijing: the scans of three minutes lie on both sides of it. */
const now = Date.UTC(2026, 10, 17, 16, 1, 59, 500);
const limit = 2;
const cardUsesADay = 3;
const policy = { units: leaseUnits, hours: 24, cardUsesADay, valueMaxFen: 9000 };

/** A device with its lease of each benefit. */
type Phone = Device & { leases: Map<number, number> };

const original = await createOriginal(async (sql) => {
  await setClock(sql, new Date(now).toISOString());
  const city = await buildCity(sql);
  const members = await Promise.all(Array.from({ length: memberCount }, () => city.addMember()));
  const benefits: number[] = [];
  for (const variancePayer of bearers) {
    const pools = { [city.unions.home]: 1, shared: 100 };
    const benefit = await city.addBenefit({ limit: [limit, 'day'], quantityMax: 2, pools });
    await city.addPolicy(benefit, { ...policy, variancePayer });
    benefits.push(benefit);
  }
  const phones: Phone[] = [];
  for (const outlet of [city.outlet, city.homeOutlet, city.outlet]) {
    const device = await city.addDevice(outlet);
    const leases = await sql<{ lease: number; benefit: number }[]>`
      select lease, benefit from renew_leases(${device.id})`;
    phones.push({ ...device, leases: new Map(leases.map((one) => [one.benefit, one.lease])) });
  }
  // Somebody was online before, and his answer stands.
  const at = now - minuteMs;
  const early = members.slice(0, 1).flatMap((member) =>
    benefits.map((benefit) => ({
      ...city.item(member, benefit, new Date(at)),
      jti: minuteOf(at),
    })),
  );
  await sql`select from redeem(${sql.json(early)})`;
  return { city, members, benefits, phones };
});
const { city, members, benefits, phones } = original.filled;

type Written = { entry: Entry; item: object };

/** Every device's chain, and what each text in it means. */
function writeDown(scans: OfflineScan[]): Promise<Written[][]> {
  return Promise.all(
    chainsOf(scans).map(async (chain, i) => {
      const phone = phones[i];
      const written: Written[] = [];
      for (const { member, benefit, quantity, ago, second } of chain) {
        const [holder, offer] = [members[member], benefits[benefit]];
        if (!phone || !holder || offer === undefined) throw new RangeError('Nobody did that.');
        const at = (minuteOf(now) - ago) * minuteMs + second * 1000;
        const item = {
          ...city.offlineItem(
            holder,
            offer,
            phone,
            { id: phone.leases.get(offer) ?? 0 },
            new Date(at),
          ),
          ...{ jti: minuteOf(at), quantity },
        };
        const entry = await link(written.at(-1)?.entry, JSON.stringify(item));
        written.push({ entry, item });
      }
      return written;
    }),
  );
}

async function deliver(sql: Sql, chains: Written[][], { device, from, count }: Delivery) {
  const chain = chains[device] ?? [];
  const sent = chain.slice(from, from + count).map(({ entry }) => entry);
  if (sent.length === 0) return;
  await uploadBySql(sql, phones[device]?.id ?? 0, sent, (seq) => chain[seq - 1]?.item ?? {});
}

/** The same member, benefit and pass at a counter with a network. */
function liveItem(member: number, benefit: number, ago: number) {
  const [holder, offer] = [members[member], benefits[benefit]];
  if (!holder || offer === undefined) throw new RangeError('Nobody did that.');
  const at = (minuteOf(now) - ago) * minuteMs;
  return { ...city.item(holder, offer, new Date(at)), jti: minuteOf(at) };
}

type Around = (sql: Sql, work: () => Promise<void>) => Promise<void>;
const asItIs: Around = (_sql, work) => work();

/** How a telling ends; then it never was. */
function endOf(chains: Written[][], deliveries: Delivery[], around = asItIs): Promise<string[]> {
  return original.undone(async (sql) => {
    await around(sql, async () => {
      for (const delivery of deliveries) await deliver(sql, chains, delivery);
    });
    expect(await sql`select * from consistency()`).toEqual([]);
    return endState(sql);
  });
}

describe('any interleaving, duplication or split of uploads ends in the same state (I11)', () => {
  const sameEnd = (around?: Around) =>
    fc.asyncProperty(telling, async ({ scans, deliveries }) => {
      const chains = await writeDown(scans);
      const plain = await endOf(chains, inOneBreath, around);
      expect(await endOf(chains, deliveries, around)).toEqual(plain);
    });

  test('one after the other', { timeout: 60_000 }, async () => {
    await fc.assert(sameEnd(), { seed, numRuns: 40 });
  });

  test('it would not, were the first upload to win instead of the first scan', async () => {
    const edits: Edits = [['if ids is null then', 'if true then']];
    const tried = await fc.check(
      sameEnd((sql, work) => without(sql, 'settle_offline', edits, work)),
      { seed, endOnFailure: true },
    );
    expect(tried.failed).toBe(true);
  });

  test('all devices at once, each in two tabs', { timeout: 60_000 }, async () => {
    for (const { scans } of fc.sample(telling, { seed, numRuns: 6 })) {
      const chains = await writeDown(scans);
      const plain = await endOf(chains, inOneBreath);
      const end = await original.onCopy(async (sql) => {
        const tabs = [...inOneBreath, ...inOneBreath];
        await Promise.all(tabs.map((all) => deliver(sql, chains, all)));
        return endState(sql);
      });
      expect(end).toEqual(plain);
    }
  });
});

test(
  'beside people who redeem online all is settled, and nobody waits for ever',
  { timeout: 60_000 },
  async () => {
    for (const { scans, deliveries } of fc.sample(telling, { seed, numRuns: 5 })) {
      const chains = await writeDown(scans);
      await original.onCopy(async (sql) => {
        const online = scans.map(({ member, benefit, ago }) => liveItem(member, benefit, ago));
        const [answers] = await Promise.all([
          Promise.all(online.map((item) => outcomesOf(sql, [item]))),
          ...deliveries.map((delivery) => deliver(sql, chains, delivery)),
        ]);
        const expected = ['accepted', 'pass_already_used', 'limit_reached'];
        expect(answers.flat().filter((answer) => !expected.includes(answer))).toEqual([]);
        for (const all of inOneBreath) await deliver(sql, chains, all);
        expect(await sql`select * from consistency()`).toEqual([]);
        const settled = await endState(sql);
        await sql`
        select settle_offline(array(select id from redemption where device_id is not null))`;
        expect(await endState(sql)).toEqual(settled);
      });
    }
  },
);

describe('what goes wrong offline is bounded (I12)', () => {
  /** Phones that keep to their leases, but not to what a card may have a day; one person is at all of them today. */
  const spree = telling.map(({ scans, deliveries }) => ({
    scans: scans.map((one) => ({ ...one, member: 0, benefit: 0, ago: one.ago % 2 })),
    deliveries,
  }));

  const worst = async (sql: Sql) => {
    const [row] = await sql<{ units: number; normal: number; excess: number }[]>`
      select coalesce(max(day.units), 0)::int as units, coalesce(max(day.normal), 0)::int as normal,
        coalesce((
          select max(over_use.units - lent.units) from (
            select benefit_id, sum(quantity) as units from redemption
            where variance is not null group by 1
          ) over_use
          join (select benefit_id, sum(units) as units from lease group by 1) lent using (benefit_id)
        ), 0)::int as excess
      from (
        select sum(quantity) filter (where device_id is not null) as units,
          sum(quantity) filter (where variance is null) as normal
        from redemption
        group by member_id, benefit_id, period_start('day', at)
      ) day`;
    if (!row) throw new Error('A sum without a row.');
    return row;
  };

  const bounded = (around = asItIs) =>
    fc.asyncProperty(spree, async ({ scans, deliveries }) => {
      const chains = await writeDown(scans);
      const { units, normal, excess } = await original.undone(async (sql) => {
        await around(sql, async () => {
          for (const delivery of deliveries) await deliver(sql, chains, delivery);
        });
        return worst(sql);
      });
      expect(units).toBeLessThanOrEqual(phones.length * cardUsesADay);
      expect(normal).toBeLessThanOrEqual(limit);
      expect(excess).toBeLessThanOrEqual(0);
    });

  test('by the leases, and by the devices times what a card may have at each', async () => {
    await fc.assert(bounded(), { seed, numRuns: 40 });
  });

  test.each([
    [
      'what a card may have at a device',
      'redeem',
      "outcomes[item.ord] := 'card_uses_a_day';\n        continue;",
      'null;',
    ],
    ['the limit', 'settle_offline', 'used + one.quantity > one.limit_count', 'false'],
  ])('not without the look at %s', async (_what, name, guard, instead) => {
    const unguarded: Around = (sql, work) => without(sql, name, [[guard, instead]], work);
    const tried = await fc.check(bounded(unguarded), { seed, endOnFailure: true });
    expect(tried.failed).toBe(true);
  });
});
