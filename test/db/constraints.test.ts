// Risk: a function is wrong one day, or somebody writes by hand: the tables themselves must refuse it.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Sql, Transaction } from '../../db/client.ts';
import { buildCity, type Item } from '../support/city.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';
import { OfflineQueue } from '../support/offline-queue.ts';
import { redeem } from '../support/redeem.ts';
import { without } from '../support/vary.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
const benefit = await city.addBenefit({ pools: { shared: 5 } });
const item: Item = city.item(await city.addMember(), benefit);

/** What a phone did without a network: one use, and the same pass once more. */
const offline = await city.addBenefit({ limit: [9, 'day'], pools: { shared: 9 } });
await city.addPolicy(offline);
const device = await city.addDevice();
const lease = await city.addLease(device, offline, 5);
const first = city.offlineItem(await city.addMember(), offline, device, lease);

beforeAll(async () => {
  const again = { ...first, id: city.item(first, 1).id };
  await (await new OfflineQueue(sql, device).add(first, again)).upload();
  await redeem(sql, [item, city.item(await city.addMember(), benefit)]);
  const reversal = { id: city.item(item, 1).id, redemptionId: item.id, reason: 'test' };
  const by = { user: item.user, sessionAt: item.sessionAt, secondFactorAt: null };
  await sql`select reverse_redemption(${sql.json({ ...reversal, ...by })})`;
  await sql`
    insert into audit_entry (at, user_id, union_id, action, subject, subject_id)
    values (clock(), 'u', ${city.unions.root}, 'pause', 'benefit', '1')`;
});

describe('what was written stays', () => {
  test.each([
    ['update transfer set amount_fen = 0', /insert-only/],
    ['delete from transfer', /insert-only/],
    ['truncate transfer', /insert-only/],
    ["update reversal set reason = 'x'", /insert-only/],
    ['delete from reversal', /insert-only/],
    ['truncate reversal cascade', /insert-only/],
    ["update audit_entry set reason = 'x'", /insert-only/],
    ['delete from audit_entry', /insert-only/],
    ['truncate audit_entry cascade', /insert-only/],
    ['update redemption set quantity = 2', /final/],
    ['update redemption set reversed_at = null', /final/],
    ['update redemption set reversed_at = clock() where reversed_at is not null', /final/],
    ['update redemption set reversed_at = clock(), price_fen = 0', /final/],
    ["update redemption set variance = 'limit_reached' where device_id is null", /final/],
    ["update redemption set variance = 'limit_reached', quantity = 2", /final/],
    [
      "update redemption set variance = 'limit_reached', reversed_at = clock() where reversed_at is null",
      /final/,
    ],
    ['delete from redemption', /final/],
    ['truncate redemption cascade', /final|insert-only/],
  ])('%s', async (statement, refusal) => {
    await expect(sql.unsafe(statement)).rejects.toThrow(refusal);
  });

  test('a redemption is reversed once, forwards', async () => {
    await expect(
      sql`update redemption set reversed_at = booked_at - interval '1 second' where reversed_at is null`,
    ).rejects.toThrow(/redemption_times/);
  });
});

describe('what must never be', () => {
  test.each([
    ['a cap below what is used', 'update allocation set cap = 0 where used > 0', /allocation_used/],
    ['more used than the cap', 'update allocation set used = 6', /allocation_used/],
    ['less used than nothing', 'update allocation set used = -1', /allocation_used/],
    [
      'two pools of one district',
      'insert into allocation (benefit_id, union_id, cap) select benefit_id, union_id, 1 from allocation',
      /allocation_pool/,
    ],
    [
      'a second use of a pass',
      `insert into redemption select cell, gen_random_uuid(), member_id, card_number, jti, benefit_id, outlet_id, operator_id, allocation_id, quantity, member_left, price_fen, at, booked_at from redemption limit 1`,
      /redemption_cell|redemption_pass_once/,
    ],
    [
      'a second reversal',
      'insert into reversal select cell, redemption_id, redemption_id, user_id, reason, at from reversal',
      /reversal_once/,
    ],
    [
      'an owner of two kinds',
      'insert into account (union_id, partner_id) values (1, 1)',
      /account_of_its_owner/,
    ],
    [
      'two live cards',
      "insert into card (cell, number, member_id, phone_hash, phone_label, enrolled_at) select cell, case when number % 2 = 0 then number + 1 else number - 1 end, member_id, 'x', 'x', clock() from card where status = 'live'",
      /card_live/,
    ],
    [
      'two open memberships',
      "insert into affiliation (cell, member_id, union_id, started_at) select cell, member_id, union_id, '2026-01-01' from affiliation where ended_at is null",
      /affiliation_open/,
    ],
  ])('%s', async (_, statement, constraint) => {
    await expect(sql.unsafe(statement)).rejects.toThrow(constraint);
  });
});

describe('a benefit’s cap', () => {
  const bound = async () => {
    const id = await city.addBenefit({ pools: { [city.unions.home]: 4, shared: 4 } });
    await sql`update benefit set cap = 10 where id = ${id}`;
    return id;
  };
  const raise = (id: number, district: number | null, by: Sql | Transaction = sql) => by`
    update allocation set cap = 6
    where benefit_id = ${id} and district_id is not distinct from ${district}::int`;

  test('bounds its allocations together', async () => {
    const id = await bound();
    await raise(id, null);
    await expect(raise(id, city.unions.home)).rejects.toThrow(/exceed its cap of 10/);
    await expect(sql`update benefit set cap = 9 where id = ${id}`).rejects.toThrow(/exceed/);
  });

  test('is kept by two who raise one each at once', async () => {
    const id = await bound();
    const both = race(
      sql,
      2,
      (tx) => tx`select from benefit where id = ${id} for update`,
      () =>
        [raise(id, null), raise(id, city.unions.home)].map((one) =>
          one.then(
            () => 'raised',
            () => 'refused',
          ),
        ),
    );
    expect((await both).sort()).toEqual(['raised', 'refused']);
  });

  test('is broken by them without the benefit’s lock', async () => {
    const id = await bound();
    await without(sql, 'bound_allocations', [['for no key update', '']], () =>
      sql.begin(async (tx) => {
        await raise(id, null, tx);
        await raise(id, city.unions.home);
      }),
    );
    const [broken] =
      await sql`select sum(cap)::int as cap from allocation where benefit_id = ${id}`;
    expect(broken).toEqual({ cap: 12 });
    await sql`update benefit set cap = null where id = ${id}`;
  });
});

describe('a union keeps its place', () => {
  test('whatever the writer says', async () => {
    const rows = await sql`
      select id, path, district_id from trade_union where id in ${sql([
        city.unions.root,
        city.unions.home,
        city.unions.homeEnterprise,
      ])} order by level`;
    const { root, home, homeEnterprise } = city.unions;
    expect([...rows]).toEqual([
      { id: root, path: [root], district_id: null },
      { id: home, path: [root, home], district_id: home },
      { id: homeEnterprise, path: [root, home, homeEnterprise], district_id: home },
    ]);
    await sql`update trade_union set path = '{1,2,3}', district_id = ${root} where id = ${home}`;
    const [kept] = await sql`select path, district_id from trade_union where id = ${home}`;
    expect(kept).toEqual({ path: [root, home], district_id: home });
  });

  test('for good', async () => {
    const { host, homeEnterprise } = city.unions;
    await expect(
      sql`update trade_union set parent_id = ${host} where id = ${homeEnterprise}`,
    ).rejects.toThrow(/keeps its place/);
  });

  test('below a higher one', async () => {
    const { homeEnterprise } = city.unions;
    await expect(
      sql`
        insert into trade_union (parent_id, kind, level, name_zh, name_en)
        values (${homeEnterprise}, 'street', 3, 'x', 'x')`,
    ).rejects.toThrow(/cannot stand below/);
  });

  test('with an account of its own, as every partner', async () => {
    const [without] = await sql`
      select
        (select count(*)::int from trade_union u where not exists (select from account a where a.union_id = u.id)) as unions,
        (select count(*)::int from partner p where not exists (select from account a where a.partner_id = p.id)) as partners`;
    expect(without).toEqual({ unions: 0, partners: 0 });
  });
});

describe('consistency() finds', () => {
  /** Breaks something behind the triggers' backs, looks, and takes it back. */
  const findings = async (...statements: string[]) => {
    let found: string[] = [];
    const rollback = new Error('rollback');
    await sql
      .begin(async (tx) => {
        await tx`set local session_replication_role = replica`;
        for (const statement of statements) await tx.unsafe(statement);
        const rows = await tx<{ finding: string }[]>`select distinct finding from consistency()`;
        found = rows.map((row) => row.finding);
        throw rollback;
      })
      .catch((error: unknown) => {
        if (error !== rollback) throw error;
      });
    return found;
  };

  test('nothing where all is well', async () => {
    expect(await findings()).toEqual([]);
  });

  test.each([
    ['a lost unit', 'update allocation set used = used + 1', /not the units/],
    ['a deleted transfer', "delete from transfer where kind = 'redemption'", /not its price/],
    [
      'a changed amount',
      "update transfer set amount_fen = 1 where kind = 'redemption'",
      /not its price/,
    ],
    [
      'a second leg',
      'insert into transfer (cell, redemption_id, kind, leg, payer_id, payee_id, creditor_id, amount_fen, at) select cell, redemption_id, kind, 2, payer_id, payee_id, creditor_id, amount_fen, at from transfer',
      /not its price/,
    ],
    ['a deleted redemption', 'delete from redemption where reversed_at is null', /not the units/],
    ['a way back that is missing', "delete from transfer where kind = 'reversal'", /not its price/],
    [
      'a way back of less',
      "update transfer set amount_fen = 1 where kind = 'reversal'",
      /disagree/,
    ],
    ['a reversal undone', 'update redemption set reversed_at = null', /disagree/],
    ['a deleted reversal', 'delete from reversal', /disagree/],
    [
      'a foreign allocation',
      `update redemption set benefit_id = ${benefit} + 1`,
      /another benefit/,
    ],
    ['a benefit over its cap', 'update benefit set cap = 1', /exceed its cap/],
    [
      'a leased unit too many',
      'update allocation set leased = leased + 1 where leased > 0',
      /allocation.leased/,
    ],
    ['a lost unit of a lease', 'update lease set used = used - 1', /lease.used/],
    ['another device’s lease', 'update redemption set device_id = device_id + 1', /another device/],
    [
      'a variance that somebody else pays',
      `update transfer set payer_id = (select id from account where union_id = ${city.unions.home} and kind = 'variance')`,
      /account that it may not/,
    ],
    [
      'a variance paid from the budget',
      `update transfer set payer_id = (select id from account where union_id = ${city.unions.root} and kind = 'budget') where kind = 'redemption'`,
      /variance account/,
    ],
    ['nobody who pays the partner', 'update transfer set creditor_id = null', /may not/],
    [
      'a top-up that was not used',
      'update redemption set is_topped = true where reversed_at is null',
      /not the units/,
    ],
    ['a co-payment nobody made', 'update redemption set co_payment_fen = 1', /not its price/],
    ['an admission that miscounts', 'update benefit_partner set cap = 99, used = 98', /admission/],
    [
      'a variance that is a use like any other',
      'drop index redemption_pass_once; update redemption set variance = null',
      /used twice/,
    ],
    [
      'a verdict of its own',
      "update offline_item set verdict = 'accepted', reason = null where verdict = 'duplicate'",
      /scan and its redemption/,
    ],
    [
      'a scan that was paid for nothing',
      "update offline_item set redemption_id = null where verdict = 'accepted'",
      /scan and its redemption/,
    ],
    [
      'a rejected use that stands',
      `update offline_item set decision = 'reject', decided_at = clock(), decided_by = 'u',
        decision_reason = 'x' where verdict = 'duplicate'`,
      /scan and its redemption/,
    ],
    [
      'a scan that nobody judged',
      'update offline_item set verdict = null, reason = null',
      /passed over/,
    ],
  ])('%s', async (_, statement, finding) => {
    expect((await findings(statement)).join()).toMatch(finding);
  });
});
