// Risk: two members stand at the till with one code, or somebody paid for a code and has none.
import { afterEach, describe, expect, test } from 'vitest';
import type { Sql } from '../../db/client.ts';
import { buildCity, type City, type Member } from '../support/city.ts';
import { claimOne, say, stateOf } from '../support/claim.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';
import { without } from '../support/vary.ts';

type Place = { sql: Sql; crowd: Sql; city: City };

async function place(): Promise<Place> {
  const database = await createDatabase();
  return {
    sql: database.sql,
    city: await buildCity(database.sql),
    crowd: database.connect({ max: 8 }),
  };
}

const sound = await place();
const unguarded = await place();
await unguarded.sql`drop trigger offer_code_stays on offer_code`;

afterEach(async () => {
  expect(await sound.sql`select * from consistency()`).toEqual([]);
});

const made = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `CODE-${String(from + i).padStart(5, '0')}`);

/** An offer that its member pays in full at a seller who scans nothing, with so many codes: its id and that of its stock. */
async function openOffer({ sql, city }: Place, codes: number, holdMinutes: number | null = null) {
  const benefit = await city.addBenefit({
    ...{ price: 4000, partners: [], limit: [100, 'total'], quantityMax: 5 },
  });
  await sql`
    update benefit set funding = '[{"payer": "co_payment", "parts": 1}]' where id = ${benefit}`;
  await city.letClaim(benefit, { kind: 'offer', holdMinutes });
  const { session } = await add(sql, benefit, made(codes));
  return { benefit, stock: session };
}

type Added = { outcome: string; added: number; codes: number; free: number; session: number };

async function add(sql: Sql, benefit: number, codes: string[]): Promise<Added> {
  const [row] = await sql<{ said: Added }[]>`select add_codes(${benefit}, ${codes}) as said`;
  if (!row) throw new Error('add_codes() gave no row.');
  return row.said;
}

async function codesOf(sql: Sql, id: string): Promise<string[]> {
  const rows = await sql<{ code: string }[]>`
    select code from offer_code where claim_id = ${id} order by place`;
  return rows.map(({ code }) => code);
}

test('each unit of a confirmed claim has its own code, in the codes’ order, and stock ends with them', async () => {
  const { sql, city } = sound;
  const { benefit, stock } = await openOffer(sound, 4);
  const [one, other] = [await city.addMember(), await city.addMember()];
  const first = { ...city.claimItem(one, benefit, stock), quantity: 3 };
  expect(await claimOne(sql, first)).toMatchObject({ outcome: 'made', state: 'confirmed' });
  expect(await codesOf(sql, first.id)).toEqual(made(3));
  expect((await claimOne(sql, first)).outcome).toBe('replayed');
  expect(await codesOf(sql, first.id)).toEqual(made(3));
  const more = { ...city.claimItem(other, benefit, stock), quantity: 2 };
  expect((await claimOne(sql, more)).outcome).toBe('session_full');
  const last = city.claimItem(other, benefit, stock);
  expect((await claimOne(sql, last)).outcome).toBe('made');
  expect(await codesOf(sql, last.id)).toEqual(made(1, 3));
});

test('what came twice counts once, and who waits is offered what was added', async () => {
  const { sql, city } = sound;
  const { benefit, stock } = await openOffer(sound, 1);
  const member = await city.addMember();
  await claimOne(sql, city.claimItem(await city.addMember(), benefit, stock));
  const waits = { ...city.claimItem(member, benefit, stock), waits: true };
  expect((await claimOne(sql, waits)).state).toBe('waiting');
  expect(await add(sql, benefit, made(2))).toMatchObject({ added: 1, codes: 2, free: 1 });
  expect(await stateOf(sql, waits.id)).toBe('offered');
  expect(await codesOf(sql, waits.id)).toEqual([]);
  await say(sql, 'confirm_claim', waits.id, member);
  expect(await codesOf(sql, waits.id)).toEqual(made(1, 1));
});

test('a code that was shown is not given back, nor given again when its claim ends all the same', async () => {
  const { sql, city } = sound;
  const { benefit, stock } = await openOffer(sound, 2);
  const member = await city.addMember();
  const item = city.claimItem(member, benefit, stock);
  await claimOne(sql, item);
  expect((await say(sql, 'cancel_claim', item.id, member)).outcome).toBe('code_given');
  expect(await stateOf(sql, item.id)).toBe('confirmed');
  // The organiser’s way, or a leaver’s.
  await sql.begin(async (tx) => {
    await tx`select lock_places(${benefit}, array[${stock}::int])`;
    await tx`
      select release_claims(array[${member.cell}::smallint], array[${item.id}::uuid],
        array['cancelled'], null, null, clock())`;
  });
  const next = city.claimItem(await city.addMember(), benefit, stock);
  expect((await claimOne(sql, next)).outcome).toBe('made');
  expect(await codesOf(sql, next.id)).toEqual(made(1, 1));
  const late = city.claimItem(await city.addMember(), benefit, stock);
  expect((await claimOne(sql, late)).outcome).toBe('session_full');
});

test('no way of setting a cap makes more places than there are codes', async () => {
  const { sql } = sound;
  const { benefit, stock } = await openOffer(sound, 3);
  const grown = sql`select resize_session(${stock}, 4)`;
  await expect(grown).rejects.toMatchObject({ constraint_name: 'session_within_codes' });
  const beside = sql`insert into session (benefit_id, cap) values (${benefit}, 1)`;
  await expect(beside).rejects.toMatchObject({ constraint_name: 'session_within_codes' });
});

test.each([
  ['a union’s money is in it', { price: 4500 }, 'offer', 'codes_not_paid'],
  ['it is no offer', { price: 0 }, 'slot', 'claims_not_set'],
] as const)('no codes where %s', async (_why, terms, kind, outcome) => {
  const { sql, city } = sound;
  const benefit = await city.addBenefit(terms);
  await city.letClaim(benefit, { kind });
  expect((await add(sql, benefit, made(1))).outcome).toBe(outcome);
  expect(await sql`select from offer_code where benefit_id = ${benefit}`).toEqual([]);
});

test('no codes where somebody has claimed without one', async () => {
  const { sql, city } = sound;
  const benefit = await city.addBenefit({ price: 0 });
  await city.letClaim(benefit, { kind: 'offer' });
  await claimOne(sql, city.claimItem(await city.addMember(), benefit, null));
  expect((await add(sql, benefit, made(1))).outcome).toBe('claims_exist');
});

test('100,000 codes and no more', async () => {
  const { sql } = sound;
  const { benefit } = await openOffer(sound, 1);
  expect((await add(sql, benefit, made(100_000))).codes).toBe(100_000);
  expect((await add(sql, benefit, ['ONE-MORE'])).outcome).toBe('too_many_codes');
});

describe('eight members confirm what they hold at once', () => {
  const contend = async (where: Place) => {
    const { sql, city, crowd } = where;
    const { benefit, stock } = await openOffer(where, 8, 30);
    const members: Member[] = await Promise.all(Array.from({ length: 8 }, () => city.addMember()));
    const held = await Promise.all(
      members.map(async (member) => {
        const item = city.claimItem(member, benefit, stock);
        expect((await claimOne(sql, item)).state).toBe('held');
        return { id: item.id, member };
      }),
    );
    // All of them have chosen their codes, and none has written.
    await race(
      sql,
      8,
      (tx) => tx`lock table claim_event in share mode`,
      () =>
        held.map(({ id, member }) =>
          say(crowd, 'confirm_claim', id, member).catch((error: unknown) => error),
        ),
    );
    const codes = await Promise.all(held.map(({ id }) => codesOf(sql, id)));
    const states = await Promise.all(held.map(({ id }) => stateOf(sql, id)));
    return {
      confirmed: states.filter((state) => state === 'confirmed').length,
      withoutCode: codes.filter((of, i) => of.length === 0 && states[i] === 'confirmed').length,
      given: new Set(codes.flat()).size,
    };
  };
  const stepsOver: [string, string][] = [['for update skip locked', '']];

  test('each has one of their own', async () => {
    expect(await contend(sound)).toEqual({ confirmed: 8, withoutCode: 0, given: 8 });
  });

  test('who does not step over the others’ codes is refused by the guard', async () => {
    const found = await without(sound.sql, 'give_codes', stepsOver, () => contend(sound));
    expect(found.withoutCode).toBe(0);
    expect(found.confirmed).toBeLessThan(8);
  });

  test('without both somebody stands there without a code', async () => {
    const found = await without(unguarded.sql, 'give_codes', stepsOver, () => contend(unguarded));
    expect(found.withoutCode).toBeGreaterThan(0);
  });
});
