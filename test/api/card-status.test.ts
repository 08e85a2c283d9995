// Risk: the list of refused cards grows too large for a phone, says another set than was meant, or can be made by others.
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { encodeRice } from '../../api/cards/rice.ts';
import { openBasement } from '../support/basement.ts';
import { expectStatus, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const { counter, desk } = await openBasement(sql);
const { city, till } = counter;

/** Written against the description of the form, not against its maker. */
function decode(bits: Uint8Array, k: number, count: number): number[] {
  let at = 0;
  const bit = () => ((bits[at >> 3] ?? 0) >> (7 - (at++ & 7))) & 1;
  let number = 0;
  return Array.from({ length: count }, () => {
    let gap = 0;
    while (bit() === 1) gap += 2 ** k;
    for (let i = k - 1; i >= 0; i--) gap += bit() * 2 ** i;
    number += gap;
    return number;
  });
}

const ascending = (numbers: Iterable<number>) => [...new Set(numbers)].sort((a, b) => a - b);
const random = (count: number, below = 2 ** 40) =>
  ascending(Array.from({ length: count }, () => randomInt(below)));

test.each([
  ['nothing', []],
  ['the smallest', [0]],
  ['the largest', [2 ** 40 - 1]],
  ['both ends', [0, 2 ** 40 - 1]],
  ['neighbours', [5, 6, 7, 8]],
  ['a crowd', random(3000, 4000)],
  ['a hundred', random(100)],
  ['one cell', random(500, 2 ** 34)],
])('%s comes back as it was', (_what, numbers) => {
  const { k, bits } = encodeRice(numbers);
  expect(decode(bits, k, numbers.length)).toEqual(numbers);
});

test('five thousand random cards are at most 20,000 bytes', () => {
  const numbers = ascending(Array.from({ length: 5000 }, () => randomInt(2 ** 40)));
  const { k, bits } = encodeRice(numbers);
  expect(bits.length + 11 + 64).toBeLessThanOrEqual(20_000);
  expect(decode(bits, k, numbers.length)).toEqual(numbers);
});

type Jwk = JsonWebKey & { kid: string };

async function read(answer: Response) {
  expect(answer.status).toBe(200);
  expect(answer.headers.get('Content-Type')).toBe('application/octet-stream');
  expect(answer.headers.get('Cache-Control')).toBe('private, no-cache');
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const signed = Buffer.concat([Buffer.from('tongka-card-status\n'), bytes.subarray(0, -64)]);
  const { keys } = await expectStatus<{ keys: Jwk[] }>(till.get('/.well-known/jwks.json'), 200);
  const jwk = keys.find(({ kid }) => kid === String(view.getUint8(1)));
  if (!jwk) throw new Error('The list was signed by an unknown key.');
  const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('jwk', jwk, curve, false, ['verify']);
  return {
    version: view.getUint8(0),
    issuedAt: view.getUint32(2),
    cards: decode(bytes.subarray(11, -64), view.getUint8(6), view.getUint32(7)),
    isGenuine: await crypto.subtle.verify(curve, key, bytes.subarray(-64), signed),
    isGenuineAltered: await crypto.subtle.verify(
      curve,
      key,
      bytes.subarray(-64),
      signed.map((byte, i) => (i === 30 ? byte ^ 1 : byte)),
    ),
    tag: answer.headers.get('ETag') ?? '',
  };
}

test('the list holds the cards that a pass could still claim, signed, and is sent once', async () => {
  const path = '/api/card-status';
  const empty = await read(await till.get(path));
  expect(empty).toMatchObject({ version: 1, cards: [], isGenuine: true });
  expect(Math.abs(empty.issuedAt - Date.now() / 1000)).toBeLessThan(60);

  const [lost, left, live] = [
    await city.addMember(),
    await city.addMember(),
    await city.addMember(),
  ];
  await sql`update card set status = 'lost', ended_at = clock() where number = ${lost.card}`;
  await sql`
    update affiliation set ended_at = clock(), end_reason = '离职'
    where cell = ${left.cell} and member_id = ${left.id}`;
  const changed = await till.get(path, { 'If-None-Match': empty.tag });
  const list = await read(changed);
  expect(list.cards).toEqual(ascending([lost.card, left.card]));
  expect(list.cards).not.toContain(live.card);
  expect(list).toMatchObject({ isGenuine: true, isGenuineAltered: false });

  const again = await till.get(path, { 'If-None-Match': list.tag });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe('');
  expect(again.headers.get('ETag')).toBe(list.tag);

  await sql`update card set ended_at = clock() - interval '131 minutes' where number = ${lost.card}`;
  expect((await read(await till.get(path))).cards).toEqual([left.card]);
});

test('it is for counters and unions, not for members', async () => {
  for (const browser of [desk.manager, desk.at.viewer])
    expect((await browser.get('/api/card-status')).status).toBe(200);
  const { phone } = await counter.addHolder();
  expect(await problemOf(phone.get('/api/card-status'))).toMatchObject({ code: 'not_found' });
  expect(await problemOf(counter.app.browser().get('/api/card-status'))).toMatchObject({
    code: 'not_signed_in',
  });
});
