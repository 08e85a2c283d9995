// Risk: a retry, a twin or a neighbour in the batch changes what an item does or is told.
import { describe, expect, test } from 'vitest';
import { redeem as redeemEach } from '../../api/redemptions/redeem.ts';
import { buildCity, idIn, type Item } from '../support/city.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { outcomesOf, redeemOne } from '../support/redeem.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
staysConsistent(sql);

const outcomes = (...items: Item[]) => outcomesOf(sql, items);
const one = (item: Item) => redeemOne(sql, item);

describe('an id', () => {
  test('is answered the same for ever, whatever happened since', async () => {
    const member = await city.addMember();
    const benefit = await city.addBenefit({ limit: [3, 'total'] });
    const item = city.item(member, benefit);
    const first = await one(item);
    expect(first).toMatchObject({
      outcome: 'accepted',
      quantity: 1,
      priceFen: 4500,
      memberLeft: 2,
    });

    await one(city.item(member, benefit));
    await sql`update benefit set price_fen = 1, paused_at = clock(), pause_reason = 'x' where id = ${benefit}`;
    await sql`update operator set suspended_at = clock() where user_id = ${item.user}`;
    const again = await one({ ...item, scannedAt: new Date().toISOString() });
    await sql`update operator set suspended_at = null where user_id = ${item.user}`;

    expect(again).toEqual({ ...first, outcome: 'replayed' });
  });

  test('keeps what it said was left, also when the limit was lowered since', async () => {
    const benefit = await city.addBenefit({ limit: [3, 'day'], quantityMax: 2 });
    const item = { ...city.item(await city.addMember(), benefit), quantity: 2 };
    expect(await one(item)).toMatchObject({ memberLeft: 1 });
    await sql`update benefit set limit_count = 1, quantity_max = 1 where id = ${benefit}`;
    expect(await one(item)).toMatchObject({ outcome: 'replayed', memberLeft: 1 });
  });

  test.each(['card', 'jti', 'benefit', 'outlet', 'quantity'] as const)(
    'with another %s is refused and changes nothing',
    async (field) => {
      const member = await city.addMember({ cell: 5 });
      const other = await city.addMember({ cell: 5 });
      const benefit = await city.addBenefit({ limit: [9, 'day'], quantityMax: 2 });
      const changed = {
        card: other.card,
        jti: 1,
        benefit: await city.addBenefit(),
        outlet: city.homeOutlet.id,
        quantity: 2,
      };
      const item = city.item(member, benefit);
      await one(item);
      const before = await sql`select * from redemption`;
      expect(await outcomes({ ...item, [field]: changed[field] })).toEqual([
        'exists_with_different_content',
      ]);
      expect(await sql`select * from redemption`).toEqual(before);
    },
  );

  test('that was refused is judged afresh', async () => {
    const benefit = await city.addBenefit({ pools: { shared: 0 } });
    const item = city.item(await city.addMember(), benefit);
    expect(await outcomes(item)).toEqual(['quota_exhausted']);
    await sql`update allocation set cap = 1 where benefit_id = ${benefit}`;
    expect(await outcomes(item)).toEqual(['accepted']);
  });

  test('twice in a batch is one use; with other content it is refused', async () => {
    const member = await city.addMember();
    const item = city.item(member, await city.addBenefit({ limit: [9, 'day'], quantityMax: 2 }));
    expect(await outcomes(item, item, { ...item, quantity: 2 })).toEqual([
      'accepted',
      'replayed',
      'exists_with_different_content',
    ]);
  });

  test('twice in a batch, refused the first time, is judged afresh the second', async () => {
    const member = await city.addMember();
    const item = city.item(member, await city.addBenefit({ quantityMax: 1 }));
    expect(await outcomes({ ...item, quantity: 2 }, item)).toEqual([
      'quantity_too_large',
      'accepted',
    ]);
  });

  test('of another cell than the card’s finds no card', async () => {
    const member = await city.addMember({ cell: 5 });
    const item = { ...city.item(member, await city.addBenefit()), id: idIn(6) };
    expect(await outcomes(item)).toEqual(['card_unknown']);
  });
});

describe('in one batch', () => {
  test('an earlier success counts against a later item, an earlier refusal does not', async () => {
    const member = await city.addMember();
    const benefit = await city.addBenefit({ limit: [3, 'day'], quantityMax: 2 });
    const ask = (quantity: number) => ({ ...city.item(member, benefit), quantity });
    expect(await outcomes(ask(2), ask(2), ask(1), ask(1))).toEqual([
      'accepted',
      'limit_reached',
      'accepted',
      'limit_reached',
    ]);
  });

  test('a pass counts once for each benefit', async () => {
    const member = await city.addMember();
    const film = city.item(member, await city.addBenefit({ limit: [9, 'day'] }));
    const park = { ...city.item(member, await city.addBenefit()), jti: film.jti };
    const filmAgain = { ...film, id: idIn(member.cell) };
    expect(await outcomes(film, park, filmAgain)).toEqual([
      'accepted',
      'accepted',
      'pass_already_used',
    ]);
  });

  test('an earlier success outranks a reason that goes after it', async () => {
    const member = await city.addMember();
    const pools = { shared: 1 };
    const benefit = await city.addBenefit({ limit: [1, 'day'], quantityMax: 2, pools });
    const item = city.item(member, benefit);
    const samePass = { ...city.item(member, benefit), jti: item.jti, quantity: 2 };
    const overLimit = { ...city.item(member, benefit), quantity: 2 };
    expect(await outcomes(item, { ...item, quantity: 3 }, samePass, overLimit)).toEqual([
      'accepted',
      'exists_with_different_content',
      'pass_already_used',
      'limit_reached',
    ]);
  });

  test('each takes all its units from one pool: home while it has room for them, else shared', async () => {
    const { home } = city.unions;
    const benefit = await city.addBenefit({
      quantityMax: 3,
      limit: [3, 'day'],
      pools: { [home]: 4, shared: 3 },
    });
    const wanted = [3, 3, 1, 1];
    const items: Item[] = [];
    for (const quantity of wanted) {
      items.push({ ...city.item(await city.addMember(), benefit), quantity });
    }
    expect(await outcomes(...items)).toEqual([
      'accepted',
      'accepted',
      'accepted',
      'quota_exhausted',
    ]);
    const used = await sql<{ used: number }[]>`
      select used from allocation where benefit_id = ${benefit} order by district_id nulls last`;
    expect(used.map((row) => row.used)).toEqual([4, 3]);
  });

  test('members of several districts use their own home allocations', async () => {
    const { home, host, hostEnterprise } = city.unions;
    const benefit = await city.addBenefit({ pools: { [home]: 1, [host]: 1 } });
    const members = [
      await city.addMember(),
      await city.addMember({ enterprise: hostEnterprise }),
      await city.addMember(),
      await city.addMember({ enterprise: hostEnterprise }),
    ];
    expect(await outcomes(...members.map((member) => city.item(member, benefit)))).toEqual([
      'accepted',
      'accepted',
      'quota_exhausted',
      'quota_exhausted',
    ]);
  });

  test('an item that makes the function raise harms no other', async () => {
    const benefit = await city.addBenefit({ pools: { [city.unions.home]: 9 } });
    const good = [
      city.item(await city.addMember(), benefit),
      city.item(await city.addMember(), benefit),
    ] as const;
    const bad = { ...city.item(await city.addMember(), benefit), quantity: 0 };
    expect((await outcomes(good[0], bad, good[1])).join()).toMatch(/redemption_quantity/);
    const settled = await redeemEach(sql, [good[0], bad, good[1]]);
    expect(
      settled.map((one) => (one.status === 'fulfilled' ? one.value.outcome : 'raised')),
    ).toEqual(['accepted', 'raised', 'accepted']);
  });
});

test('another isolation than READ COMMITTED is refused', async () => {
  const item = city.item(await city.addMember(), await city.addBenefit());
  await expect(
    sql.begin('isolation level repeatable read', (tx) => tx`select redeem(${tx.json([item])})`),
  ).rejects.toThrow(/needs READ COMMITTED/);
});

test('an empty batch has no answers', async () => {
  expect(await outcomes()).toEqual([]);
});

test('one call is one statement', async () => {
  const statements: string[] = [];
  const database = await createDatabase();
  const counted = database.connect({ onStatement: (text) => statements.push(text) });
  const own = await buildCity(database.sql);
  const item = own.item(await own.addMember(), await own.addBenefit());
  await redeemOne(counted, item);
  statements.length = 0;
  await redeemOne(counted, { ...item, id: idIn(item.cell) });
  expect(statements).toHaveLength(1);
});

test('the money goes from the union that owns the places to the partner', async () => {
  const { home } = city.unions;
  const benefit = await city.addBenefit({
    price: 1250,
    quantityMax: 4,
    limit: [4, 'day'],
    pools: { [home]: 9 },
    union: home,
  });
  const item = { ...city.item(await city.addMember(), benefit), quantity: 4 };
  await one(item);
  const moved = await sql`
    select payer.union_id, payee.partner_id, t.amount_fen, t.kind, t.leg
    from transfer t join account payer on payer.id = t.payer_id join account payee on payee.id = t.payee_id
    where t.redemption_id = ${item.id}`;
  expect([...moved]).toEqual([
    {
      union_id: home,
      partner_id: city.outlet.partner,
      amount_fen: 5000,
      kind: 'redemption',
      leg: 1,
    },
  ]);
});
