import { readFile } from 'node:fs/promises';
import { afterEach, expect, test } from 'vitest';
import { createApp } from '../support/app.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';

const guesses = 1000;

const database = await createDatabase();
const { sql } = database;
const pools = [database.connect({ max: 16 }), database.connect({ max: 16 })] as const;
const nodes = pools.map((pool) => createApp(pool));
const [node] = nodes as [(typeof nodes)[0], ...typeof nodes];
const phone = '+8616900000019';

afterEach(async () => {
  await sql.unsafe(await readFile('db/functions/verify_code.sql', 'utf8'));
});

/** Reads, compares, then writes: what most one-time codes do. */
const countThenCompare = `
  create or replace function verify_code(p_phone text, p_code text) returns text
  language plpgsql volatile as $$
  declare c one_time_code;
  begin
    select * into c from one_time_code where phone_hash = p_phone;
    if c.phone_hash is null or c.used_at is not null or c.tries >= 5 or c.expires_at <= clock() then
      return 'void';
    end if;
    update one_time_code set tries = c.tries + 1,
      used_at = case when code_hash = p_code then clock() end
    where phone_hash = p_phone;
    return case when c.code_hash = p_code then 'accepted' else 'wrong' end;
  end
  $$`;

async function send(): Promise<string> {
  const from = node.browser();
  const answer = await from.post('/api/auth/phone-number/send-otp', { phoneNumber: phone });
  expect(answer.status).toBe(200);
  return from.lastCode(phone);
}

/** One guess at one of the nodes, from an address of its own, so that no limit but the code's stands in the way. */
async function guess(i: number, code: string): Promise<number> {
  const from = (nodes[i % 2] ?? node).browser(`10.0.${i >> 8}.${i & 255}`);
  const body = { phoneNumber: phone, code };
  return (await from.post('/api/auth/phone-number/verify', body)).status;
}

async function guessAll(codeOf: (i: number) => string): Promise<Map<number, number>> {
  return counted(await Promise.all(Array.from({ length: guesses }, (_, i) => guess(i, codeOf(i)))));
}

/** One guess straight at the function, over one of the pools. */
async function judge(i: number): Promise<string> {
  const [judged] = await (pools[i % 2] ?? sql)<{ outcome: string }[]>`
    select verify_code(phone_hash, ${`wrong ${i}`}) as outcome from one_time_code`;
  return judged?.outcome ?? '';
}

function counted<Key>(keys: Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

// Risk (I19): six digits fall to a volley of guesses at several nodes.
test('of a thousand guesses at two nodes five are judged, and the right code then comes too late', async () => {
  const code = await send();
  const wrong = (i: number) => String((Number(code) + 1 + i) % 1_000_000).padStart(6, '0');
  expect(await guessAll(wrong)).toEqual(new Map([[400, guesses]]));
  expect(await sql`select tries, used_at from one_time_code`).toEqual([
    { tries: 5, used_at: null },
  ]);
  expect(await guessAll(() => code)).toEqual(new Map([[400, guesses]]));
  await send();
  const judged = await Promise.all(Array.from({ length: guesses }, (_, i) => judge(i)));
  expect(counted(judged)).toEqual(
    new Map([
      ['wrong', 5],
      ['void', guesses - 5],
    ]),
  );
});

test('of a thousand right ones at two nodes one signs in', async () => {
  const code = await send();
  expect(await guessAll(() => code)).toEqual(
    new Map([
      [400, guesses - 1],
      [200, 1],
    ]),
  );
});

/** Holds the code's row until sixteen contenders stand before their write, so that the race happens every time. */
const together = <T>(start: (i: number) => Promise<T>): Promise<T[]> =>
  race(
    sql,
    16,
    (tx) => tx`select from one_time_code for update`,
    () => Array.from({ length: 16 }, (_, i) => start(i)),
  );

test('without the guarded update more than five are judged, and more than one signs in', async () => {
  await sql.unsafe(countThenCompare);
  await send();
  const judged = await together((i) => judge(i));
  expect(judged.filter((outcome) => outcome === 'wrong').length).toBeGreaterThan(5);
  const code = await send();
  const statuses = await together((i) => guess(i, code));
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(1);
});

test('with it the same sixteen are judged five times, and one signs in', async () => {
  await send();
  const judged = await together((i) => judge(i));
  expect(judged.filter((outcome) => outcome === 'wrong').length).toBe(5);
  const code = await send();
  const statuses = await together((i) => guess(i, code));
  expect(statuses.filter((status) => status === 200).length).toBe(1);
});

// Risk: a limit that is read before it is written lets a burst through.
test('of parallel attempts under one key exactly the limit goes on', async () => {
  const waits = await Promise.all(
    Array.from({ length: 200 }, async (_, i) => {
      const [row] = await (pools[i % 2] ?? sql)<{ wait: number }[]>`
        select take_token('race', 7, '1 minute') as wait`;
      return row?.wait;
    }),
  );
  expect(waits.filter((wait) => wait === 0).length).toBe(7);
});
