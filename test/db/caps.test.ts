// Risk: what a partner, a district or a kind of benefit may be used is exceeded by who comes at the same instant, or not had by who has a right to it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildCity, type City, type Item, type Member } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { beforeWriting, race } from '../support/gate.ts';
import { outcomesOf, redeem, redeemOne } from '../support/redeem.ts';
import { type Edits, without } from '../support/vary.ts';

type Place = TestDatabase & { city: City };

async function place(): Promise<Place> {
  const database = await createDatabase();
  return { ...database, city: await buildCity(database.sql) };
}

const sound = await place();
/** Where guards are taken out: nobody trusts it afterwards. */
const broken = await place();
const { sql, city } = sound;
const { home, hostEnterprise } = city.unions;
const crowds = new Map([sound, broken].map((one) => [one, one.connect({ max: 64 })]));

afterEach(async () => {
  expect(await sql`select * from consistency()`).toEqual([]);
});

/** A Wednesday, 12:00 in Beijing. */
const noon = new Date('2026-11-18T04:00:00Z');
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const after = (ms: number) => new Date(noon.getTime() + ms);
beforeEach(() => Promise.all([sql, broken.sql].map((pool) => setClock(pool, noon.toISOString()))));

/** Each on a connection of its own, all of them decided before any is written; how often each outcome. */
async function atOnce(where: Place, items: Item[], deciding: number) {
  const crowd = crowds.get(where) ?? where.sql;
  const answers = await race(where.sql, deciding, beforeWriting, () =>
    items.map((item) => outcomesOf(crowd, [item])),
  );
  const byOutcome = Map.groupBy(answers.flat(), (outcome) => outcome);
  return Object.fromEntries([...byOutcome].map(([outcome, all]) => [outcome, all.length]));
}

async function visitors({ city: there }: Place, benefit: number, count: number) {
  const members = await Promise.all(Array.from({ length: count }, () => there.addMember()));
  return members.map((member) => there.item(member, benefit, noon));
}

describe('an admission’s cap', () => {
  const capped = async (where: Place, terms: { cap?: number; cap_a_day?: number }) => {
    const benefit = await where.city.addBenefit({ limit: [99, 'total'] });
    await where.sql`update benefit_partner set ${where.sql(terms)} where benefit_id = ${benefit}`;
    return benefit;
  };
  const counters = async ({ sql: there }: Place, benefit: number) => {
    const [row] = await there`
      select used, used_on_day, day::text as day from benefit_partner where benefit_id = ${benefit}`;
    return row;
  };
  const lock: Edits = [
    [
      'order by a.benefit_id, a.partner_id\n        for no key update of a',
      'order by a.benefit_id',
    ],
  ];
  const contend = async (
    where: Place,
    terms: { cap?: number; cap_a_day?: number },
    crowd: number,
  ) => {
    const benefit = await capped(where, terms);
    const outcomes = await atOnce(where, await visitors(where, benefit, crowd), crowd);
    return { outcomes, counters: await counters(where, benefit) };
  };

  test.each([16, 64])('goes to exactly as many: %i connections', async (crowd) => {
    expect(await contend(sound, { cap: 5 }, crowd)).toMatchObject({
      outcomes: { accepted: 5, partner_cap_reached: crowd - 5 },
      counters: { used: 5 },
    });
    expect(await contend(sound, { cap_a_day: 5 }, crowd)).toEqual({
      outcomes: { accepted: 5, partner_day_cap_reached: crowd - 5 },
      counters: { used: 5, used_on_day: 5, day: '2026-11-18' },
    });
  });

  test('within one batch too', async () => {
    const benefit = await capped(sound, { cap: 3 });
    const items = await visitors(sound, benefit, 5);
    expect(await outcomesOf(sql, items)).toEqual([
      ...Array<string>(3).fill('accepted'),
      ...Array<string>(2).fill('partner_cap_reached'),
    ]);
  });

  // The counter's pool would hold them one behind the other: in twelve pools it does not.
  test('without its lock more are given in a day, and the constraint alone keeps the whole', async () => {
    const scattered = async (terms: { cap?: number; cap_a_day?: number }) => {
      const benefit = await capped(broken, terms);
      const { city: there } = broken;
      const items = await Promise.all(
        Array.from({ length: 12 }, async () => {
          const district = await addDistrict(broken);
          await broken.sql`
            insert into allocation (benefit_id, district_id, union_id, cap)
            values (${benefit}, ${district.id}, ${district.id}, 9)`;
          const member = await there.addMember({ enterprise: district.enterprise });
          return there.item(member, benefit, noon);
        }),
      );
      return without(broken.sql, 'redeem', lock, () => atOnce(broken, items, 12));
    };
    expect((await scattered({ cap_a_day: 2 }))['accepted']).toBe(12);
    expect((await scattered({ cap: 2 }))['accepted']).toBe(2);
  });

  test('of a day begins anew at midnight in Beijing, and a late scan does not count on the new day', async () => {
    const benefit = await capped(sound, { cap_a_day: 1 });
    const ask = async (at: Date) => {
      await setClock(sql, at.toISOString());
      return outcomesOf(sql, [city.item(await city.addMember(), benefit, at)]);
    };
    const midnight = new Date('2026-11-18T16:00:00Z');
    expect(await ask(noon)).toEqual(['accepted']);
    expect(await ask(new Date(midnight.getTime() - 1))).toEqual(['partner_day_cap_reached']);
    expect(await ask(midnight)).toEqual(['accepted']);
    expect(await ask(midnight)).toEqual(['partner_day_cap_reached']);
    const late = city.item(await city.addMember(), benefit, new Date(midnight.getTime() - 1000));
    expect(await outcomesOf(sql, [late])).toEqual(['accepted']);
    expect(await counters(sound, benefit)).toEqual({ used: 3, used_on_day: 1, day: '2026-11-19' });
  });

  test('given to one who was used without, counts what was', async () => {
    const benefit = await city.addBenefit({ limit: [99, 'total'] });
    const items = await visitors(sound, benefit, 3);
    await outcomesOf(sql, items.slice(0, 2));
    await sql.begin(async (tx) => {
      await tx`select count_admission(${benefit}, ${city.outlet.partner})`;
      await tx`update benefit_partner set cap = 2 where benefit_id = ${benefit}`;
    });
    expect(await outcomesOf(sql, items.slice(2))).toEqual(['partner_cap_reached']);
    expect(await counters(sound, benefit)).toMatchObject({ used: 2, used_on_day: 2 });
  });

  test('makes what a phone did without a network one use too many', async () => {
    const benefit = await capped(sound, { cap: 1 });
    await city.addPolicy(benefit);
    const device = await city.addDevice();
    const [online] = await visitors(sound, benefit, 1);
    if (!online) throw new Error('One was asked for.');
    expect(await outcomesOf(sql, [online])).toEqual(['accepted']);
    const scan = city.offlineItem(await city.addMember(), benefit, device, null, noon);
    expect(await outcomesOf(sql, [scan])).toEqual(['partner_cap_reached']);
    const [row] = await sql`select variance from redemption where id = ${scan.id}`;
    expect(row).toEqual({ variance: 'partner_cap_reached' });
    expect(await counters(sound, benefit)).toMatchObject({ used: 1 });
  });
});

test('a top-up is used up to its last place and not beyond, and without the lock it is not', async () => {
  const contend = async (where: Place) => {
    const district = where.city.unions.home;
    const benefit = await where.city.addBenefit({ pools: { [district]: 12, shared: 3 } });
    await where.sql`
      update allocation set topped = 7 where benefit_id = ${benefit} and district_id = ${district}`;
    const outcomes = await atOnce(where, await visitors(where, benefit, 32), 32);
    const [pool] = await where.sql`
      select used, topped_used from allocation
      where benefit_id = ${benefit} and district_id = ${district}`;
    return { outcomes, pool };
  };
  expect(await contend(sound)).toEqual({
    outcomes: { accepted: 15, quota_exhausted: 17 },
    pool: { used: 12, topped_used: 7 },
  });
  await broken.sql`alter table allocation drop constraint allocation_topped`;
  await broken.sql`alter table allocation drop constraint allocation_used`;
  const unlocked: Edits = [['order by a.id\n      for no key update of a', 'order by a.id']];
  const { outcomes } = await without(broken.sql, 'redeem', unlocked, () => contend(broken));
  expect(outcomes['accepted']).toBe(32);
});

describe('a limit over a category', () => {
  const limitKind = async (where: Place, count: number, period: 'day' | 'week' | 'month') => {
    const district = await addDistrict(where);
    await where.sql`
      insert into category_limit (union_id, kind, limit_count, limit_period)
      values (${district.id}, 'cinema', ${count}, ${period})`;
    return where.city.addMember({ enterprise: district.enterprise });
  };

  test('holds over benefits, in one instant and in one batch', async () => {
    const contend = async (where: Place) => {
      const member = await limitKind(where, 3, 'month');
      const offers = await Promise.all(
        Array.from({ length: 16 }, () => where.city.addBenefit({ limit: [9, 'total'] })),
      );
      const items = offers.map((benefit) => where.city.item(member, benefit, noon));
      return { items, outcomes: await atOnce(where, items, where === sound ? 1 : 16) };
    };
    const { outcomes, items } = await contend(sound);
    expect(outcomes).toEqual({ accepted: 3, category_limit_reached: 13 });
    const member = await limitKind(sound, 2, 'week');
    const batch = items.slice(0, 4).map(({ benefit }) => city.item(member, benefit, noon));
    expect(await outcomesOf(sql, batch)).toEqual([
      'accepted',
      'accepted',
      'category_limit_reached',
      'category_limit_reached',
    ]);
    const unlocked: Edits = [
      ['order by m.cell, m.id\n  for no key update of m', 'order by m.cell, m.id'],
    ];
    const found = await without(broken.sql, 'redeem', unlocked, () => contend(broken));
    expect(found.outcomes['accepted']).toBe(16);
  });

  test('is the strictest of his unions’, for its kind and period, and ends', async () => {
    const member = await limitKind(sound, 1, 'day');
    const [{ path } = { path: [] }] = await sql<{ path: number[] }[]>`
      select u.path from affiliation a join trade_union u on u.id = a.union_id
      where a.cell = ${member.cell} and a.member_id = ${member.id}`;
    const enterprise = path.at(-1) ?? 0;
    await sql`
      insert into category_limit (union_id, kind, limit_count, limit_period)
      values (${enterprise}, 'cinema', 2, 'week'), (${enterprise}, 'gym', 1, 'day')`;
    const benefit = await city.addBenefit({ limit: [9, 'total'] });
    const other = await city.addBenefit({ limit: [9, 'total'] });
    const ask = async (at: Date, of = benefit) => {
      await setClock(sql, at.toISOString());
      return redeemOne(sql, city.item(member, of, at));
    };
    expect(await ask(noon)).toMatchObject({ outcome: 'accepted' });
    expect(await ask(after(hourMs), other)).toMatchObject({
      outcome: 'category_limit_reached',
      detail: { at: noon.toISOString(), again: '2026-11-18T16:00:00.000Z' },
    });
    const gym = await city.addBenefit();
    await sql`update benefit set kind = 'gym' where id = ${gym}`;
    expect(await ask(after(hourMs), gym)).toMatchObject({ outcome: 'accepted' });
    expect(await ask(after(dayMs), other)).toMatchObject({ outcome: 'accepted' });
    expect(await ask(after(2 * dayMs))).toMatchObject({
      outcome: 'category_limit_reached',
      detail: { again: '2026-11-22T16:00:00.000Z' },
    });
    expect(await ask(new Date('2026-11-22T16:00:00Z'))).toMatchObject({ outcome: 'accepted' });
  });
});

describe('a limit of rolling days', () => {
  const rolling = async (count: number, days: number) => {
    const benefit = await city.addBenefit({ quantityMax: 5 });
    await sql`
      update benefit set limit_period = 'rolling', limit_days = ${days}, limit_count = ${count}
      where id = ${benefit}`;
    return benefit;
  };

  test('gives a use back when it is so many days old, to the microsecond', async () => {
    const benefit = await rolling(2, 7);
    const member = await city.addMember();
    const ask = async (at: Date, quantity = 1) => {
      await setClock(sql, at.toISOString());
      return redeemOne(sql, { ...city.item(member, benefit, at), quantity });
    };
    expect(await ask(noon)).toMatchObject({ outcome: 'accepted', memberLeft: 1 });
    expect(await ask(after(dayMs))).toMatchObject({ outcome: 'accepted', memberLeft: 0 });
    expect(await ask(after(7 * dayMs - 1))).toMatchObject({
      outcome: 'limit_reached',
      detail: {
        at: after(dayMs).toISOString(),
        again: after(7 * dayMs).toISOString(),
        limit: { count: 2, period: 'rolling', days: 7 },
      },
    });
    expect(await ask(after(7 * dayMs), 2)).toMatchObject({ outcome: 'limit_reached' });
    expect(await ask(after(7 * dayMs))).toMatchObject({ outcome: 'accepted', memberLeft: 0 });
    expect(await ask(after(8 * dayMs - 1))).toMatchObject({ outcome: 'limit_reached' });
    expect(await ask(after(8 * dayMs))).toMatchObject({ outcome: 'accepted' });
  });

  test.each([
    [0, 1, 2],
    [2, 1, 0],
    [1, 2, 0],
  ])('without a network the earliest are right, uploaded as %i, %i, %i', async (...order) => {
    const benefit = await rolling(1, 7);
    await city.addPolicy(benefit);
    const member = await city.addMember();
    const device = await city.addDevice();
    const lease = await city.addLease(device, benefit, 9, 24 * 30);
    // Four days apart: the first bars the second, and not the third.
    const scans = [0, 4, 8].map((days) =>
      city.offlineItem(member, benefit, device, lease, after(days * dayMs)),
    );
    await setClock(sql, after(9 * dayMs).toISOString());
    for (const i of order) {
      const scan = { ...scans[i], cardLeft: 9 };
      await sql`select * from redeem(${sql.json([scan])})`;
      await sql`select settle_offline(array[${scan.id ?? ''}::uuid])`;
    }
    const rows = await sql<{ variance: string | null }[]>`
      select variance from redemption where benefit_id = ${benefit} order by at`;
    expect(rows.map(({ variance }) => variance)).toEqual([null, 'limit_reached', null]);
  });
});

describe('a member’s own limit', () => {
  const ask = (member: Pick<Member, 'cell' | 'card'>, benefit: number, quantity = 1) =>
    redeemOne(sql, { ...city.item(member, benefit, noon), quantity });

  test('is for each head of the family, where the benefit says so', async () => {
    const member = await city.addMember();
    await sql`
      update member set family_size = 3 where cell = ${member.cell} and id = ${member.id}`;
    const family = await city.addBenefit({ limit: [2, 'month'], quantityMax: 5 });
    await sql`update benefit set limit_family = true where id = ${family}`;
    expect(await ask(member, family, 5)).toMatchObject({ outcome: 'accepted', memberLeft: 1 });
    expect(await ask(member, family, 2)).toMatchObject({ outcome: 'limit_reached' });
    expect(await ask(member, family)).toMatchObject({ outcome: 'accepted', memberLeft: 0 });
    const single = await city.addBenefit({ limit: [2, 'month'], quantityMax: 5 });
    expect(await ask(member, single, 3)).toMatchObject({ outcome: 'limit_reached' });
  });

  test('is lower on paper, one at a time, and never without a network', async () => {
    const member = await city.addMember();
    const number = member.card % 2 === 0 ? member.card + 1 : member.card - 1;
    await sql`
      insert into card (cell, number, member_id, kind, phone_hash, phone_label, enrolled_at,
        expires_at)
      values (${member.cell}, ${number}, ${member.id}, 'printed', 'x', 'paper', '2020-01-01Z',
        '2030-01-01Z')`;
    const paper = { ...member, card: number };
    const benefit = await city.addBenefit({ limit: [4, 'month'], quantityMax: 4 });
    await sql`update benefit set printed_limit = 2 where id = ${benefit}`;
    expect(await ask(paper, benefit, 2)).toMatchObject({ outcome: 'quantity_too_large' });
    expect(await ask(paper, benefit)).toMatchObject({ outcome: 'accepted', memberLeft: 1 });
    expect(await ask(member, benefit)).toMatchObject({ outcome: 'accepted', memberLeft: 2 });
    expect(await ask(paper, benefit)).toMatchObject({ outcome: 'limit_reached' });
    expect(await ask(member, benefit, 2)).toMatchObject({ outcome: 'accepted', memberLeft: 0 });
    const device = await city.addDevice();
    const scan = city.offlineItem(paper, benefit, device, null, noon);
    expect(await outcomesOf(sql, [scan])).toEqual(['card_unknown']);
  });

  test('neither grows nor shrinks when he changes district in the middle of a period', async () => {
    const member = await city.addMember();
    const { host } = city.unions;
    const benefit = await city.addBenefit({
      limit: [3, 'month'],
      pools: { [home]: 9, [host]: 9 },
    });
    expect(await ask(member, benefit)).toMatchObject({ outcome: 'accepted', memberLeft: 2 });
    await setClock(sql, after(dayMs).toISOString());
    await sql.begin(async (tx) => {
      await tx`select from member where cell = ${member.cell} and id = ${member.id} for no key update`;
      await tx`
        update affiliation set ended_at = clock(), end_reason = 'transfer'
        where cell = ${member.cell} and member_id = ${member.id}`;
      await tx`
        insert into affiliation (cell, member_id, union_id, started_at)
        values (${member.cell}, ${member.id}, ${hostEnterprise}, clock())`;
    });
    const items = [1, 2, 3].map(() => city.item(member, benefit, after(dayMs)));
    const answers = await redeem(sql, items);
    expect(answers.map(({ outcome }) => outcome)).toEqual([
      'accepted',
      'accepted',
      'limit_reached',
    ]);
    const used = await sql`
      select district_id as district, used from allocation where benefit_id = ${benefit} order by used`;
    expect([...used]).toEqual([
      { district: home, used: 1 },
      { district: host, used: 2 },
    ]);
    const unions = await sql<{ union: number }[]>`
      select union_id as union from redemption where benefit_id = ${benefit} order by booked_at, id`;
    expect(new Set(unions.map(({ union }) => union)).size).toBe(2);
  });
});

/** A district of its own, with an enterprise. */
async function addDistrict({ sql: there, city: { unions } }: Place) {
  const code = String(100_000 + Math.floor(Math.random() * 899_999));
  const [district] = await there<{ id: number }[]>`
    insert into trade_union (parent_id, kind, level, district_code, name_zh, name_en)
    values (${unions.root}, 'district', 2, ${code}, ${code}, ${code}) returning id`;
  const id = district?.id ?? 0;
  const [enterprise] = await there<{ id: number }[]>`
    insert into trade_union (parent_id, kind, level, name_zh, name_en)
    values (${id}, 'enterprise', 4, ${code}, ${code}) returning id`;
  return { id, enterprise: enterprise?.id ?? 0 };
}
