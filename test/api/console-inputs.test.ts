// Risk: what nobody should send breaks the server, changes something, or is taken for something else.
import { beforeAll, expect, test } from 'vitest';
import { app } from '../../api/app.ts';
import { checksum } from '../support/checksum.ts';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const desk = await openConsole(sql);
const { root, home } = desk.city.unions;
const benefit = await desk.addCityBenefit();
await desk.redeem(benefit);

let before = '';
beforeAll(async () => {
  before = await checksum(sql);
});

type Problem = { code: string; status: number; fields?: { field: string; message: string }[] };

/** A refusal as it must be: a 4xx problem document that says no more than it should. */
async function refusal(answer: Promise<Response>): Promise<Problem> {
  const response = await answer;
  const text = await response.text();
  expect([response.status, text]).toEqual([
    expect.toSatisfy((n: number) => n >= 400 && n < 500),
    text,
  ]);
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  expect(text).not.toMatch(/\bat .+:\d+|node_modules|postgres|select |constraint/i);
  return JSON.parse(text) as Problem;
}

const city = desk.at.city;
const terms = (change: object) =>
  city.patch(`/api/benefits/${benefit}/terms`, { version: 1, reason: '改', ...change });
const pool = (cap: unknown, id: unknown = 'shared') =>
  city.put(`/api/benefits/${benefit}/allocations/${id}`, { cap, reason: '改' });

/** A body as it stands, where JSON.stringify would tidy it up. */
async function send(
  method: string,
  path: string,
  body: BodyInit,
  headers: Record<string, string> = {},
): Promise<Response> {
  const { origin } = desk.app.services.config;
  const cookie = Array.from(city.cookies, ([name, value]) => `${name}=${value}`).join('; ');
  const request = new Request(new URL(path, origin), {
    method,
    headers: { Origin: origin, Cookie: cookie, 'Content-Type': 'application/json', ...headers },
    body,
  });
  return app.fetch(request, desk.app.services);
}

test.each([
  ['0.1', 0.1],
  ['text', '1'],
  ['negative', -1],
  ['too large', 1e9 + 1],
  ['2^31', 2 ** 31],
  ['2^53+1', 2 ** 53 + 2],
  ['1e300', 1e300],
  ['null', null],
  ['true', true],
  ['a list', [1]],
  ['an object', { valueOf: 1 }],
  ['padded', ' 12 '],
  ['hexadecimal', '0x1F'],
  ['underscored', '1_000'],
  ['full width', '１２'],
])('a cap that is no number of places: %s', async (_name, cap) => {
  const { code, fields } = await refusal(pool(cap));
  expect([code, fields?.[0]?.field]).toEqual(['invalid_request', 'cap']);
  expect((await refusal(terms({ priceFen: cap }))).fields?.[0]?.field).toBe('priceFen');
});

test.each(['1e400', '-1e400', 'NaN', 'Infinity', '0x10', '01', '1_000', '１', '.5', '+1'])(
  'a number that JSON may not hold, or not as a number of places: %s',
  async (number) => {
    const body = `{"reason":"改","cap":${number}}`;
    const answer = await refusal(send('PUT', `/api/benefits/${benefit}/allocations/shared`, body));
    expect(['invalid_json', 'invalid_request']).toContain(answer.code);
  },
);

test.each([
  '-1',
  '+1',
  '1.0',
  '1e2',
  '0x1F',
  '01',
  ' 1',
  '1%20',
  '１２',
  '1_000',
  '2147483648',
  '9223372036854775808',
  'NaN',
  'Infinity',
  'null',
  '%00',
  '1%00',
  '..%2F1',
  '{1}',
  '1;drop',
])('an id in the path that is no id: %s', async (id) => {
  const { code } = await refusal(city.get(`/api/benefits/${id}/terms`));
  expect(['invalid_request', 'not_found']).toContain(code);
  const put = await refusal(pool(5, id));
  expect(['invalid_request', 'not_found']).toContain(put.code);
});

test.each([
  ['a day that is not', '2026-02-30T00:00:00Z'],
  ['hour 24', '2026-01-01T24:00:00Z'],
  ['year 0', '0000-01-01T00:00:00Z'],
  ['year 9999', '9999-12-31T00:00:00Z'],
  ['no zone', '2026-01-01T00:00:00'],
  ['infinity', 'infinity'],
  ['a number', 1767225600],
  ['only a date', '2026-01-01'],
  ['words', 'tomorrow'],
  ['a leap second', '2026-06-30T23:59:60Z'],
])('a start that is no instant: %s', async (_name, startsAt) => {
  const { fields } = await refusal(terms({ startsAt }));
  expect(new Set(fields?.map(({ field }) => field))).toEqual(new Set(['startsAt']));
});

test.each([
  '2026-02-30',
  '2026-13-01',
  '0000-01-01',
  '9999-01-01',
  '2026-1-1',
  'infinity',
  '2026-01-01T00:00:00Z',
  '20260101',
  '',
])('a filter by a date that is none: "%s"', async (from) => {
  const { fields } = await refusal(city.get(`/api/redemptions?from=${from}`));
  expect(fields?.[0]?.field).toBe('from');
});

test('a filter that ends before it starts', async () => {
  for (const list of ['redemptions', 'redemptions.csv']) {
    const backwards = city.get(`/api/${list}?from=2026-11-24&to=2026-11-23`);
    const { code, fields } = await refusal(backwards);
    expect([code, fields?.[0]?.field]).toEqual(['invalid_request', 'from']);
    expect((await city.get(`/api/${list}?from=2026-11-23&to=2026-11-23`)).status).toBe(200);
  }
});

test.each([
  ['empty', ''],
  ['only spaces', ' \u3000\t '],
  ['NUL', 'a\u0000b'],
  ['half a character', 'a\ud800'],
  ['right-to-left override', 'abc\u202Edef'],
  ['zero width', 'a\u200Bb'],
  ['a joiner of letters', 'a\u200Db'],
  ['a joiner after an emoji', '👧\u200D'],
  ['a joiner before an emoji', 'a\u200D👧'],
  ['two joiners', '👩\u200D\u200D👧'],
  ['a byte order mark inside', 'a\uFEFFb'],
  ['a line break', 'a\nb'],
  ['1 MB', '长'.repeat(70_000)],
  ['201 characters', 'a'.repeat(201)],
  ['a number', 7],
])('a reason that cannot stand: %s', async (_name, reason) => {
  const answer = await refusal(city.post(`/api/benefits/${benefit}/pause`, { reason }));
  expect(['invalid_request', 'invalid_json']).toContain(answer.code);
});

test('a body over the limit is refused as such', async () => {
  const answer = await refusal(
    city.post(`/api/benefits/${benefit}/pause`, { reason: 'a'.repeat(300_000) }),
  );
  expect(answer).toMatchObject({ code: 'body_too_large', status: 413 });
});

test.each(['role', 'district', 'used', 'unionId', 'version2', '__proto__', 'constructor'])(
  'a field nobody asked for is named and refused: %s',
  async (field) => {
    const path = `/api/benefits/${benefit}/allocations/shared`;
    const { code, fields } = await refusal(
      send('PUT', path, `{"reason":"改","cap":3,"${field}":1}`),
    );
    expect(code).toBe('invalid_request');
    expect(fields?.[0]?.message).toContain(field);
    expect((await refusal(city.get(`/api/audit?${field}=1`))).code).toBe('invalid_request');
  },
);

test('a key given twice in the query is not taken for one of the two', async () => {
  for (const query of ['benefit=1&benefit=2', 'limit=1&limit=200', 'state=booked&state=reversed']) {
    expect((await refusal(city.get(`/api/redemptions?${query}`))).code).toBe('invalid_request');
  }
});

test.each(['-1', '0', '201', '1000000000', '1e2', '', '5.0', 'all'])(
  'a page of %s rows is none',
  async (limit) => {
    for (const list of ['redemptions', 'alerts', 'audit']) {
      const { fields } = await refusal(city.get(`/api/${list}?limit=${limit}`));
      expect(fields?.[0]?.field).toBe('limit');
    }
  },
);

const word = (text: string) =>
  btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');

test.each([
  ['empty', ''],
  ['no base64', '%%%'],
  ['padded', btoa('1.23')],
  ['another order', word('0190d3c0-0000-7000-8000-000000000001.1')],
  ['an id with SQL in it', word("1.' or 1=1 --")],
  ['a negative instant', word('-1.0190d3c0-0000-7000-8000-000000000001')],
  ['an instant beyond all', word('9999999999999999999.0190d3c0-0000-7000-8000-000000000001')],
  ['an upper-case id', word('1.0190D3C0-0000-7000-8000-00000000000A')],
  ['a nil id', word('1.00000000-0000-0000-0000-000000000000')],
  ['10 kB', 'A'.repeat(10_000)],
])('a cursor that this list never gave: %s', async (_name, cursor) => {
  for (const list of ['redemptions', 'alerts', 'audit']) {
    const { fields } = await refusal(city.get(`/api/${list}?cursor=${encodeURIComponent(cursor)}`));
    expect(fields?.[0]?.field).toBe('cursor');
  }
});

test('an id of another kind of list is no cursor of this one', async () => {
  const ofAudit = word('0.5');
  expect((await refusal(city.get(`/api/redemptions?cursor=${ofAudit}`))).code).toBe(
    'invalid_request',
  );
});

test.each([
  ['a list where an object belongs', '[]'],
  ['text', '"cap"'],
  ['null', 'null'],
  ['nothing', ''],
  ['half of it', '{"cap":1'],
  ['a comment', '{"cap":1,/* */"reason":"改"}'],
  ['a trailing comma', '{"cap":1,"reason":"改",}'],
  ['single quotes', "{'cap':1,'reason':'改'}"],
  ['depth 20,000', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
])('a body that is not the JSON asked for: %s', async (_name, body) => {
  const path = `/api/benefits/${benefit}/allocations/shared`;
  expect(['invalid_json', 'invalid_request']).toContain(
    (await refusal(send('PUT', path, body))).code,
  );
});

test.each([
  ['plain text', 'text/plain'],
  ['a form', 'application/x-www-form-urlencoded'],
  ['upload', 'multipart/form-data; boundary=x'],
  ['almost JSON', 'application/jsonp'],
])('a body of another kind: %s', async (_name, type) => {
  const path = `/api/benefits/${benefit}/allocations/shared`;
  const answer = await refusal(
    send('PUT', path, '{"cap":3,"reason":"改"}', { 'Content-Type': type }),
  );
  expect(answer).toMatchObject({ code: 'unsupported_media_type', status: 415 });
});

test('another site cannot act with the administrator’s cookie', async () => {
  const path = `/api/benefits/${benefit}/allocations/shared`;
  for (const headers of [
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
  ]) {
    const answer = await refusal(send('PUT', path, '{"cap":3,"reason":"改"}', headers));
    expect(answer).toMatchObject({ code: 'foreign_origin', status: 403 });
  }
});

test('a method the address does not take, or one that pretends to be another, changes nothing', async () => {
  expect((await refusal(city.request('DELETE', `/api/benefits/${benefit}/terms`))).code).toBe(
    'not_found',
  );
  const pretending = await city.get(`/api/benefits/${benefit}/terms`, {
    'X-HTTP-Method-Override': 'DELETE',
  });
  expect(pretending.status).toBe(200);
});

test('lists of ids with repeats, strangers or nothing in them are refused', async () => {
  for (const audience of [
    { districts: [] },
    { districts: [home, home] },
    { districts: [root] },
    { unions: ['1'] },
    { age: { min: -1 } },
    { age: { min: 5, max: 4 } },
    { age: { least: 5 } },
    { tags: [''] },
    { role: 'administrator' },
    [],
    'all',
    null,
  ]) {
    expect((await refusal(terms({ audience }))).code).toBe('invalid_request');
  }
  for (const weekdays of [[], [0], [8], [1, 1], [1.5], ['1'], '1', null]) {
    expect((await refusal(terms({ weekdays }))).code).toBe('invalid_request');
  }
});

test('a problem names the field and never repeats what was sent', async () => {
  const canary = '金丝雀秘密';
  const response = await terms({ titleZh: `${canary}\u0000`, kind: canary });
  expect(await response.text()).not.toContain(canary);
  expect(desk.app.logged.join('\n')).not.toContain(canary);
});

test('none of it changed anything', async () => {
  expect(await checksum(sql)).toBe(before);
});
