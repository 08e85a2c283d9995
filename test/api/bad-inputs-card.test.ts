// Risk: something that nobody should send makes the server fail, gets through, or is refused without a word of use.
import { beforeAll, describe, expect, test } from 'vitest';
import { app } from '../../api/app.ts';
import type { Browser } from '../support/app.ts';
import { idIn } from '../support/city.ts';
import { openCounter, passOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city, till } = counter;
const holder = await counter.addHolder();
const { phone } = holder;
const benefit = await city.addBenefit({ quantityMax: 100, limit: [10_000, 'total'] });
const outlet = city.outlet.id;
const id = idIn(holder.cell);
let ticket = '';
let before = '';

beforeAll(async () => {
  ({ ticket } = await counter.scan({ pass: (await passOf(holder)).url }));
  before = await everything();
});

/** All that a request of this holder's or at this counter could change. */
async function everything(): Promise<string> {
  const [row] = await sql`
    select
      (select jsonb_agg(r) from redemption r where r.member_id = ${holder.id}) as redemption,
      (select jsonb_agg(c) from card c where c.member_id = ${holder.id}) as card,
      (select jsonb_agg(a) from allocation a where a.benefit_id = ${benefit}) as allocation,
      (select jsonb_agg(v) from reversal v) as reversal,
      (select jsonb_agg(a) from alert a) as alert`;
  return JSON.stringify(row);
}

type Answer = { status: number; code: unknown; fields: string[] };

/** Sends exactly these bytes, or this text. */
async function send(
  who: Browser,
  method: string,
  path: string,
  body: string | Uint8Array<ArrayBuffer> | ReadableStream | undefined,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { origin } = counter.app.services.config;
  const cookie = Array.from(who.cookies, ([name, value]) => `${name}=${value}`).join('; ');
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const request = new Request(origin + path, {
    method,
    headers: { Origin: origin, Cookie: cookie, ...type, ...headers },
    ...(body !== undefined && { body, duplex: 'half' }),
  });
  const response = await app.fetch(request, counter.app.services);
  const answer = (await response.json()) as {
    code?: string;
    title?: string;
    fields?: { field: string }[];
  };
  expect(response.headers.get('Content-Type')).toBe('application/problem+json');
  expect(answer.title).toMatch(/^\S.*\.$/);
  expect(JSON.stringify(answer)).not.toMatch(/node_modules|\.ts:\d|select |postgres/i);
  return {
    status: response.status,
    code: answer.code,
    fields: [...new Set((answer.fields ?? []).map(({ field }) => field))],
  };
}

const redeem = (body: string) => send(till, 'PUT', `/api/redemptions/${id}`, body);
const asked = (changed: Record<string, unknown>) =>
  JSON.stringify({ ticket, benefit, quantity: 1, ...changed });

describe('numbers', () => {
  const bad = [
    '0',
    '-1',
    '-0',
    '0.1',
    '"1"',
    '1e400',
    '-1e400',
    '2147483648',
    '9007199254740993',
    '9223372036854775808',
    '" 12 "',
    '"0x1F"',
    '"1_000"',
    '"１２"',
    'null',
    'true',
    '[1]',
    '{}',
    '""',
  ];
  test.each(bad)('%s is no quantity', async (number) => {
    const body = asked({}).replace('"quantity":1', `"quantity":${number}`);
    expect(await redeem(body)).toEqual({
      status: 400,
      code: 'invalid_request',
      fields: ['quantity'],
    });
  });
  test.each(bad)('%s is no benefit, and no outlet', async (number) => {
    const body = asked({}).replace(`"benefit":${benefit}`, `"benefit":${number}`);
    expect(await redeem(body)).toEqual({
      status: 400,
      code: 'invalid_request',
      fields: ['benefit'],
    });
    expect(await send(till, 'POST', '/api/scans', `{"pass":"x","outlet":${number}}`)).toEqual({
      status: 400,
      code: 'invalid_request',
      fields: ['outlet'],
    });
  });
  test.each(['NaN', 'Infinity', '0x1F', '1_000', '01', '+1', '１２', '.5', "1'", ''])(
    '%s is no JSON',
    async (number) => {
      const body = asked({}).replace('"quantity":1', `"quantity":${number}`);
      expect(await redeem(body)).toMatchObject({ status: 400, code: 'invalid_json' });
    },
  );
  test('1e2 and 1.0 are whole numbers in JSON; more than the benefit allows is a refusal', async () => {
    for (const number of ['101', '1e3'])
      expect(await redeem(asked({}).replace('"quantity":1', `"quantity":${number}`))).toMatchObject(
        { status: 400, fields: ['quantity'] },
      );
    const small = await city.addBenefit({ quantityMax: 2 });
    expect(await redeem(asked({ benefit: small, quantity: 3 }))).toMatchObject({
      status: 422,
      code: 'quantity_too_large',
    });
    expect(await redeem(asked({ benefit: 2_147_483_647 }))).toMatchObject({
      status: 422,
      code: 'benefit_unknown',
    });
  });
  test.each([
    '-1',
    '01',
    '1.0',
    '1e1',
    '%31%00',
    '９',
    '2147483648',
    '99999999999',
    'x',
    '%20',
    'null',
  ])('%s in a path is refused', async (number) => {
    for (const [who, path] of [
      [till, `/api/outlets/${number}/redemptions`],
      [phone, `/api/benefits/${number}`],
    ] as const)
      expect(await send(who, 'GET', path, undefined)).toEqual({
        status: 400,
        code: 'invalid_request',
        fields: ['id'],
      });
  });
});

describe('ids', () => {
  const bad = {
    nil: '00000000-0000-0000-0000-000000000000',
    'upper case': id.toUpperCase(),
    braces: `{${id}}`,
    'no hyphens': id.replaceAll('-', ''),
    'version 1': 'c232ab00-9414-11ec-b3c8-9f6bdeced846',
    'version 4': '8c0a6a1e-6d6e-4c3e-9a52-0d5d3f0a9b11',
    'another variant': `${id.slice(0, 19)}c${id.slice(20)}`,
    'too short': id.slice(1),
    urn: `urn:uuid:${id}`,
    SQL: "' or 1=1--",
    NUL: `${id}%00`,
    'full-width digits': id.replace(/^0/, '０'),
  };
  test.each(Object.entries(bad))('%s', async (_name, wrong) => {
    const path = encodeURIComponent(wrong).replaceAll('%2500', '%00');
    const reversal = JSON.stringify({ id, reason: 'x' });
    for (const [who, method, target, body] of [
      [till, 'PUT', `/api/redemptions/${path}`, asked({})],
      [till, 'POST', `/api/redemptions/${path}/reversal`, reversal],
      [phone, 'POST', `/api/me/redemptions/${path}/alert`, undefined],
      [till, 'POST', `/api/redemptions/${id}/reversal`, JSON.stringify({ id: wrong, reason: 'x' })],
    ] as const)
      expect(await send(who, method, target, body)).toEqual({
        status: 400,
        code: 'invalid_request',
        fields: ['id'],
      });
  });
  test('an encoded slash and a step up lead nowhere', async () => {
    for (const path of [
      `/api/redemptions/${id}%2Freversal`,
      '/api/redemptions/..%2F..%2Fhealth',
      `/api/outlets/${outlet}%2Fredemptions`,
    ])
      expect([400, 404]).toContain((await send(till, 'PUT', path, asked({}))).status);
  });
});

describe('cursors and instants', () => {
  test.each(['x', '-1', '1e9', btoa('1.2'), btoa(`1.${id}`) + 'A', 'a'.repeat(200), '%00', "'"])(
    'the cursor %s',
    async (cursor) => {
      expect(await send(phone, 'GET', `/api/me/redemptions?cursor=${cursor}`, undefined)).toEqual({
        status: 400,
        code: 'invalid_request',
        fields: ['cursor'],
      });
    },
  );
  test.each([
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '2026-01-01T00:00:00',
    '2026-01-01',
    'infinity',
    'now',
    '1',
    'NaN',
    '',
  ])('the instant %s', async (after) => {
    expect(await send(phone, 'GET', `/api/me/events?after=${after}`, undefined)).toEqual({
      status: 400,
      code: 'invalid_request',
      fields: ['after'],
    });
  });
  test.each([
    ['/api/me/events?after=2026-01-01T00:00:00Z&after=2026-01-02T00:00:00Z', 'after'],
    ['/api/benefits?kind=cinema&kind=gym', 'kind'],
    ['/api/benefits?district=1&district=2', 'district'],
    ['/api/benefits?limit=-1', ''],
    ['/api/me/redemptions?limit=1000000000', ''],
    ['/api/benefits?role=administrator', ''],
    ['/api/benefits?q=%20', 'q'],
    [`/api/benefits?q=${'x'.repeat(41)}`, 'q'],
    ['/api/benefits?q=%00', 'q'],
    ['/api/benefits?kind=%27', 'kind'],
  ])('%s', async (path, field) => {
    expect(await send(phone, 'GET', path, undefined)).toEqual({
      status: 400,
      code: 'invalid_request',
      fields: [field],
    });
  });
});

describe('text', () => {
  const bad = {
    NUL: 'a\u0000b',
    'a lone surrogate': 'a\ud800',
    'a right-to-left override': 'a\u202eb',
    'a zero-width space': 'a\u200bb',
    'a line break': 'a\nb',
    nothing: '',
    'only spaces': ' \u3000 ',
    '1 MB': 'x'.repeat(1 << 20),
    'one too many': '名'.repeat(201),
  };
  test.each(Object.entries(bad))('%s is no reason and no phone’s name', async (name, text) => {
    const tooLarge = name === '1 MB';
    const expected = (field: string) =>
      tooLarge
        ? { status: 413, code: 'body_too_large', fields: [] }
        : { status: 400, code: 'invalid_request', fields: [field] };
    expect(
      await send(
        till,
        'POST',
        `/api/redemptions/${id}/reversal`,
        JSON.stringify({ id, reason: text }),
      ),
    ).toEqual(expected('reason'));
    expect(
      await send(phone, 'POST', '/api/me/card/enrolment', JSON.stringify({ phoneLabel: text })),
    ).toEqual(expected('phoneLabel'));
  });
  test.each(['𠮷野家', '<img onerror=alert(1)>', '=cmd()', 'e\u0301', "'; drop table card; --"])(
    '%s is text like any other, kept as it is in NFC',
    async (label) => {
      const member = await counter.addHolder();
      const phone = await counter.app.signInAs(member.userId);
      const taken = { phoneLabel: label, takeover: true };
      expect((await phone.post('/api/me/card/enrolment', taken)).status).toBe(201);
      const [card] = await sql<{ label: string }[]>`
        select phone_label as label from card
        where cell = ${member.cell} and member_id = ${member.id} and status = 'live'`;
      expect(card?.label).toBe(label.normalize('NFC'));
    },
  );
});

describe('HTTP and JSON', () => {
  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonp',
    'text/json',
  ])('a body as %s', async (type) => {
    const path = `/api/redemptions/${id}`;
    expect(await send(till, 'PUT', path, asked({}), { 'Content-Type': type })).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
    });
  });
  test.each([
    ['nothing', ''],
    ['half', '{"ticket":'],
    ['two', '{}{}'],
    ['single quotes', "{'ticket':1}"],
    ['a comment', '{/**/}'],
    ['another encoding', new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0])],
  ])('a body of %s', async (_name, body) => {
    expect(await send(till, 'PUT', `/api/redemptions/${id}`, body)).toMatchObject({
      status: 400,
      code: 'invalid_json',
    });
  });
  test.each(['null', '[]', '"x"', '1', '{}', '[['.repeat(50_000) + ']]'.repeat(50_000)])(
    'JSON of another shape: %.20s',
    async (body) => {
      expect(await redeem(body)).toMatchObject({ status: 400, code: 'invalid_request' });
    },
  );
  test('a depth of 100,000 inside a field', async () => {
    const deep = '{"a":'.repeat(40_000) + '1' + '}'.repeat(40_000);
    expect(await redeem(asked({}).replace('"quantity":1', `"quantity":${deep}`))).toMatchObject({
      status: 400,
    });
  });
  test('10 MB, told and untold', async () => {
    const body = asked({ ticket: 'x'.repeat(10 << 20) });
    expect(await redeem(body)).toMatchObject({ status: 413, code: 'body_too_large' });
    const stream = new Blob([body]).stream();
    expect(await send(till, 'PUT', `/api/redemptions/${id}`, stream)).toMatchObject({
      status: 413,
      code: 'body_too_large',
    });
  });
  test.each([
    'role',
    'district',
    'used',
    'priceFen',
    'at',
    'scannedAt',
    'user',
    'cell',
    '__proto__',
    'constructor',
  ])('the unknown field %s', async (field) => {
    const extra = `{"${field}":{"x":1},`;
    expect(await redeem(asked({}).replace('{', extra))).toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
    expect(await send(till, 'POST', '/api/scans', `${extra}"pass":"x","outlet":1}`)).toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
  });
  test('both a pass and a code, or neither', async () => {
    for (const body of ['{"outlet":1}', '{"outlet":1,"pass":"x","code":"x"}'])
      expect(await send(till, 'POST', '/api/scans', body)).toEqual({
        status: 400,
        code: 'invalid_request',
        fields: ['pass'],
      });
  });
  test('another site’s page, and a form that hides its method', async () => {
    for (const headers of [
      { Origin: 'https://evil.example' },
      { Origin: 'null' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ] as Record<string, string>[])
      expect(await send(till, 'PUT', `/api/redemptions/${id}`, asked({}), headers)).toMatchObject({
        status: 403,
        code: 'foreign_origin',
      });
    expect(
      await send(till, 'POST', `/api/redemptions/${id}`, asked({}), {
        'X-HTTP-Method-Override': 'PUT',
      }),
    ).toMatchObject({ status: 404 });
  });
  test('a session that is no session', async () => {
    const stranger = counter.app.browser();
    for (const [method, path, body] of [
      ['PUT', `/api/redemptions/${id}`, asked({})],
      ['POST', '/api/scans', `{"pass":"x","outlet":${outlet}}`],
      ['POST', `/api/redemptions/${id}/reversal`, JSON.stringify({ id, reason: 'x' })],
      ['GET', `/api/outlets/${outlet}/redemptions`, undefined],
      ['GET', '/api/me/events', undefined],
      ['POST', `/api/me/redemptions/${id}/alert`, undefined],
      ['POST', '/api/me/card/loss', undefined],
    ] as const)
      expect(await send(stranger, method, path, body)).toMatchObject({
        status: 401,
        code: 'not_signed_in',
      });
  });
  test('a member’s session at the counter', async () => {
    const { url } = await passOf(holder);
    expect(
      await send(phone, 'POST', '/api/scans', JSON.stringify({ pass: url, outlet })),
    ).toMatchObject({ status: 422, code: 'operator_suspended' });
    expect(await send(phone, 'GET', `/api/outlets/${outlet}/redemptions`, undefined)).toMatchObject(
      {
        status: 404,
      },
    );
  });
});

test('a caller who leaves in mid-request does no harm', async () => {
  const benefit = await city.addBenefit();
  const leaver = await counter.addHolder();
  const { ticket } = await counter.scan({ pass: (await passOf(leaver)).url });
  const id = idIn(leaver.cell);
  const body = JSON.stringify({ ticket, benefit, quantity: 1 });
  const torn = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(body.slice(0, 40)));
      controller.error(new Error('The caller hung up.'));
    },
  });
  // Nobody is there to hear the answer, whatever it is.
  await send(till, 'PUT', `/api/redemptions/${id}`, torn).catch(() => null);
  expect(await sql`select from redemption where id = ${id}`).toHaveLength(0);
  expect((await till.put(`/api/redemptions/${id}`, JSON.parse(body))).status).toBe(201);
});

test('and nothing of all that has changed anything', async () => {
  expect(await everything()).toBe(before);
  const answer = await till.put(`/api/redemptions/${id}`, { ticket, benefit, quantity: 100 });
  expect(answer.status).toBe(201);
});
