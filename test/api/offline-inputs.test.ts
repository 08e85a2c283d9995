// Risk: an upload that is not what it should be is half done, kept under somebody else's name, or breaks the server.
import { afterEach, expect, test } from 'vitest';
import { app } from '../../api/app.ts';
import { openBasement } from '../support/basement.ts';
import { checksum } from '../support/checksum.ts';
import { problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { DevicePhone, type Upload } from '../support/device-phone.ts';

const { sql } = await createDatabase();
const basement = await openBasement(sql);
const { counter, desk } = basement;
const { till } = counter;
const phone = await basement.pair();
await phone.write('first');
await phone.write('second');
const { phone: member } = await counter.addHolder();
const { outlet, homeOutlet } = counter.city;
const elsewhere = await counter.city.addOperator(outlet.partner, [homeOutlet]);
const colleague = await counter.app.signInAs(elsewhere.userId);
const path = `/api/devices/${phone.id}/uploads`;

// Nothing that is refused here leaves anything behind, whichever test it is in.
const before = await checksum(sql);
afterEach(async () => expect(await checksum(sql)).toBe(before));

const good = await phone.upload();
const zeros = '0'.repeat(64);

test.each<[what: string, changed: Partial<Record<keyof Upload | string, unknown>>]>([
  ['no items', { items: [] }],
  ['a hundred and one', { items: Array.from({ length: 101 }, () => 'x') }],
  ['an item of 2001 characters', { items: ['x'.repeat(2001)] }],
  ['an empty item', { items: ['', 'x'] }],
  ['an item that is no text', { items: [{ id: 'x' }] }],
  ['a NUL', { items: ['x\u0000y'] }],
  ['half a character', { items: ['\ud800'] }],
  ['items that are no list', { items: 'x' }],
  ['a beginning of 0', { from: 0 }],
  ['a beginning below', { from: -1 }],
  ['half a number', { from: 1.5 }],
  ['a number as text', { from: '1' }],
  ['beyond integers', { from: 2 ** 31 }],
  ['far beyond', { from: 1e308 }],
  ['no hash before', { prev: null }],
  ['a short hash', { prev: zeros.slice(1) }],
  ['a hash in capitals', { prev: 'A'.repeat(64) }],
  ['no signature', { signature: '' }],
  ['a signature of 63 bytes', { signature: 'A'.repeat(84) }],
  ['a signature of 65 bytes', { signature: 'A'.repeat(87) }],
  ['a padded signature', { signature: `${'A'.repeat(84)}==` }],
  ['a field of its own', { verdict: 'accepted' }],
])('%s is refused as a whole', async (_what, changed) => {
  expect(await problemOf(till.post(path, { ...good, ...changed }))).toMatchObject({
    status: 400,
    code: 'invalid_request',
  });
});

test('what is too large is not even read', async () => {
  const items = Array.from({ length: 100_000 }, () => 'xx');
  expect(await problemOf(till.post(path, { ...good, items }))).toMatchObject({
    status: 413,
    code: 'body_too_large',
  });
});

test.each([
  ['no JSON', '{'],
  ['nothing', ''],
  ['a mark first', '\ufeff{}'],
  ['deep', '['.repeat(100_000)],
])('%s is no upload', async (_what, body) => {
  const cookie = Array.from(till.cookies, ([name, value]) => `${name}=${value}`).join('; ');
  const { origin } = counter.app.services.config;
  const answer = await app.fetch(
    new Request(`${origin}${path}`, {
      method: 'POST',
      headers: { Origin: origin, Cookie: cookie, 'Content-Type': 'application/json' },
      body,
    }),
    counter.app.services,
  );
  expect(answer.status).toBe(400);
});

test('a phone that goes away in the middle of its upload leaves nothing', async () => {
  const cookie = Array.from(till.cookies, ([name, value]) => `${name}=${value}`).join('; ');
  const { origin } = counter.app.services.config;
  const half = JSON.stringify(good).slice(0, -20);
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(half)),
    pull: (controller) => controller.error(new Error('gone')),
  });
  const init: RequestInit & { duplex: 'half' } = {
    method: 'POST',
    headers: { Origin: origin, Cookie: cookie, 'Content-Type': 'application/json' },
    body,
    duplex: 'half',
  };
  const answer = await app.fetch(new Request(`${origin}${path}`, init), counter.app.services);
  expect(answer.ok).toBe(false);
  expect(await answer.text()).not.toContain('receipt');
});

const stranger = await DevicePhone.make();
stranger.id = phone.id;

test.each<[what: string, sent: () => Promise<Upload> | Upload]>([
  ['by another key', () => stranger.sign(phone.entries)],
  [
    'for another device',
    async () => {
      const own = phone.id;
      phone.id = own + 1;
      const sent = await phone.upload();
      phone.id = own;
      return sent;
    },
  ],
  ['for another place', () => ({ ...good, from: 2 })],
  ['after another hash', () => ({ ...good, prev: 'ab'.repeat(32) })],
  ['with a text changed', () => ({ ...good, items: ['first', 'Second'] })],
  ['with one left out', () => ({ ...good, items: ['second'] })],
  ['with one more', () => ({ ...good, items: ['first', 'second', 'third'] })],
  ['with the order changed', () => ({ ...good, items: ['second', 'first'] })],
  ['of zeros', () => ({ ...good, signature: 'A'.repeat(86) })],
  ['as DER would be', () => ({ ...good, signature: `MEUCIQ${good.signature.slice(6)}` })],
])('an upload signed %s is not kept', async (_what, sent) => {
  expect(await problemOf(till.post(path, await sent()))).toMatchObject({
    status: 422,
    code: 'upload_not_signed',
  });
});

test('nobody but who is posted at its outlet uploads for a device or asks after it', async () => {
  for (const browser of [member, colleague, desk.at.host, desk.at.city]) {
    const heard = { status: 404, code: 'not_found' };
    expect(await problemOf(browser.post(path, good))).toMatchObject(heard);
    expect(await problemOf(browser.get(`/api/devices/${phone.id}/items`))).toMatchObject(heard);
  }
  for (const id of ['0', '2147483647'])
    expect(await problemOf(till.post(`/api/devices/${id}/uploads`, good))).toMatchObject({
      code: 'not_found',
    });
  for (const id of ['-1', '1.5', '2147483648', '01', 'x', '%00', '１'])
    expect(await problemOf(till.post(`/api/devices/${id}/uploads`, good))).toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
});

test.each([
  '/api/devices/1/items?after=-1',
  '/api/devices/1/items?after=x',
  '/api/devices/1/items?after=1&after=2',
  '/api/devices/1/items?limit=5',
  '/api/offline-items?state=all',
  '/api/offline-items?limit=0',
  '/api/offline-items?cursor=AAAA',
  `/api/offline-items?cursor=${btoa('1.1.1.x').replaceAll('=', '')}`,
  '/api/offline-items?union=x',
  '/api/offline-items?verdict=accepted',
  '/api/offline-items?member=1',
])('GET %s asks for nothing that is there', async (address) => {
  expect(await problemOf(desk.manager.get(address))).toMatchObject({
    status: 400,
    code: 'invalid_request',
  });
});

test.each([
  [`1/1/${zeros}`, { decision: 'pay' }],
  [`1/1/${zeros}`, { decision: 'pay', reason: ' ' }],
  [`1/1/${zeros}`, { decision: 'maybe', reason: '试' }],
  [`1/1/${zeros}`, { decision: 'pay', reason: '试', payer: 'union' }],
  [`1/1/${zeros}`, { decision: 'pay', reason: 'x'.repeat(201) }],
  [`1/1/${zeros.slice(1)}`, { decision: 'pay', reason: '试' }],
  [`1/x/${zeros}`, { decision: 'pay', reason: '试' }],
])('decision %s %j is of no form', async (address, body) => {
  const answer = desk.at.city.post(`/api/offline-items/${address}/decision`, body);
  expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'invalid_request' });
});
