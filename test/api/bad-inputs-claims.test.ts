// Risk: something that nobody should send to the claims makes the server fail, gets through, or changes somebody's claim.
import { beforeAll, describe, expect, test } from 'vitest';
import { app } from '../../api/app.ts';
import type { Question } from '../../db/schema/claims.ts';
import type { Browser } from '../support/app.ts';
import { checksum } from '../support/checksum.ts';
import { idIn } from '../support/city.ts';
import { openCounter } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city } = counter;
const [me, other] = [await counter.addHolder(), await counter.addHolder()];
const benefit = await city.addBenefit({ quantityMax: 100, limit: [1000, 'total'] });
await city.letClaim(benefit, { kind: 'sign_up' });
const session = await city.addSession(benefit, { cap: 500 });
const questions: Question[] = [
  {
    ...{ id: 'size', kind: 'choice', labelZh: '尺码', labelEn: 'Size', isRequired: true },
    options: [
      { id: 's', labelZh: '小', labelEn: 'S' },
      { id: 'l', labelZh: '大', labelEn: 'L' },
    ],
  },
  { id: 'team', kind: 'text', labelZh: '队名', labelEn: 'Team', isRequired: false, max: 10 },
  {
    id: 'age',
    kind: 'number',
    labelZh: '年龄',
    labelEn: 'Age',
    isRequired: false,
    min: 1,
    max: 99,
  },
];
await sql`update claim_terms set questions = ${sql.json(questions)} where benefit_id = ${benefit}`;
const plain = await city.addBenefit();
const elsewhere = await city.addBenefit();
await city.letClaim(elsewhere);
const foreignSession = await city.addSession(elsewhere);
const mine = idIn(me.cell);
const its = idIn(other.cell);
const fresh = idIn(me.cell);

type Answer = { status: number; code: unknown; fields: string[] };

/** Sends exactly this text; a refusal, as it must be. */
async function send(
  who: Browser,
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const { origin } = counter.app.services.config;
  const cookie = Array.from(who.cookies, ([name, value]) => `${name}=${value}`).join('; ');
  const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
  const response = await app.fetch(
    new Request(origin + path, {
      method,
      headers: { Origin: origin, Cookie: cookie, ...type, ...headers },
      ...(body !== undefined && { body }),
    }),
    counter.app.services,
  );
  const text = await response.text();
  expect(response.headers.get('Content-Type'), text).toBe('application/problem+json');
  expect(text).not.toMatch(/node_modules|\.ts:\d|select |postgres|constraint/i);
  const { code, fields = [] } = JSON.parse(text) as { code?: string; fields?: { field: string }[] };
  return {
    status: response.status,
    code,
    fields: [...new Set(fields.map(({ field }) => field))],
  };
}

const put = (body: string, id = fresh) => send(me.phone, 'PUT', `/api/claims/${id}`, body);
const asked = (changed: Record<string, unknown> = {}) =>
  JSON.stringify({ benefit, session, quantity: 1, answers: { size: 's' }, ...changed });

let before = '';
beforeAll(async () => {
  for (const [{ phone }, id] of [
    [me, mine],
    [other, its],
  ] as const)
    expect(
      (
        await phone.put(`/api/claims/${id}`, {
          benefit,
          session,
          quantity: 2,
          answers: { size: 's' },
        })
      ).status,
    ).toBe(201);
  before = await checksum(sql);
});

const unchanged = async () => expect(await checksum(sql)).toBe(before);

describe('numbers', () => {
  const bad = [
    ...['0', '-1', '-0', '0.1', '"1"', '1e400', '-1e400', '2147483648', '9007199254740993'],
    ...['9223372036854775808', '" 12 "', '"0x1F"', '"1_000"', '"１２"', 'true', '[1]', '{}', '""'],
  ];
  test.each([...bad, 'null', '101'])('%s is no quantity', async (number) => {
    expect(await put(asked().replace('"quantity":1', `"quantity":${number}`))).toEqual({
      ...{ status: 400, code: 'invalid_request', fields: ['quantity'] },
    });
  });
  test.each(bad)('%s is no benefit, and no session', async (number) => {
    for (const field of ['benefit', 'session']) {
      const body = asked({ [field]: '@' }).replace(`"@"`, number);
      const answer = await put(body);
      expect(answer, field).toMatchObject({ status: 400, code: 'invalid_request' });
      expect(answer.fields[0], field).toBe(field);
    }
    expect(
      await send(me.phone, 'POST', `/api/claims/${mine}/move`, `{"session":${number}}`),
    ).toMatchObject({ status: 400, fields: ['session'] });
    if (number === '0' || number === '-0') return;
    expect(
      await send(me.phone, 'PUT', '/api/me/inbox/read', `{"through":${number}}`),
    ).toMatchObject({ status: 400, fields: ['through'] });
  });
  test.each(['NaN', 'Infinity', '0x1F', '1_000', '01', '+1', '.5', ''])(
    '%s is no JSON',
    async (number) => {
      expect(await put(asked().replace('"quantity":1', `"quantity":${number}`))).toMatchObject({
        ...{ status: 400, code: 'invalid_json' },
      });
    },
  );
  test.each(['-1', '1e2', '0x1F', '01', '１', '2147483648', 'NaN', '', '%00', "1'"])(
    'the page of the inbox before %s',
    async (before_) => {
      expect(await send(me.phone, 'GET', `/api/me/inbox?before=${before_}`)).toMatchObject({
        ...{ status: 400, code: 'invalid_request' },
      });
      const page = await send(me.phone, 'GET', `/api/benefits/${before_}/claims`);
      expect([400, 404]).toContain(page.status);
    },
  );
});

describe('ids', () => {
  test.each([
    '00000000-0000-0000-0000-000000000000',
    idIn(me.cell).toUpperCase(),
    `{${idIn(me.cell)}}`,
    'c232ab00-9414-11ec-b3c8-9f6bdeced846',
    '1',
    '%00',
    '..%2F..',
    "' OR 1=1",
    'x'.repeat(5000),
  ])('%s is no id of a claim', async (id) => {
    const at = `/api/claims/${encodeURI(id)}`;
    for (const answer of [
      await send(me.phone, 'PUT', at, asked()),
      await send(me.phone, 'GET', at),
      await send(me.phone, 'POST', `${at}/cancellation`),
      await send(me.phone, 'GET', `${at}/calendar`),
    ]) {
      expect([400, 404]).toContain(answer.status);
      expect(['invalid_request', 'not_found']).toContain(answer.code);
    }
  });

  test('an id of another’s cell makes no claim', async () => {
    const cell = (me.cell + 1) % 64;
    expect(await put(asked(), idIn(cell))).toMatchObject({ status: 422, code: 'member_unknown' });
  });

  test('another’s claim, one that is not there, and nobody’s are the same to everybody', async () => {
    const verbs = (id: string): [string, string, string?][] => [
      ['GET', `/api/claims/${id}`],
      ['GET', `/api/claims/${id}/calendar`],
      ['POST', `/api/claims/${id}/confirmation`],
      ['POST', `/api/claims/${id}/cancellation`],
      ['POST', `/api/claims/${id}/move`, JSON.stringify({ session })],
    ];
    for (const id of [its, idIn(other.cell), idIn(me.cell)])
      for (const [method, path, body] of verbs(id))
        expect(await send(me.phone, method, path, body), path).toMatchObject({
          ...{ status: 404, code: 'not_found' },
        });
    for (const [method, path, body] of verbs(mine)) {
      const at = await send(counter.till, method, path, body);
      expect([403, 404], path).toContain(at.status);
      const nobody = await send(counter.app.browser(), method, path, body);
      expect(nobody, path).toMatchObject({ status: 401, code: 'not_signed_in' });
    }
  });

  test('another’s id takes no other content, nor one’s own', async () => {
    const quantity = { status: 409, code: 'exists_with_different_content' };
    expect(await put(asked({ quantity: 1 }), mine)).toMatchObject(quantity);
    expect(
      await put(asked({ quantity: 2, benefit: elsewhere, session: foreignSession }), mine),
    ).toMatchObject(quantity);
    const taken = await put(asked({ quantity: 2 }), its);
    expect([409, 422]).toContain(taken.status);
  });

  test('for whom one does not act, and what is not there', async () => {
    expect(await put(asked({ member: String(other.id) }))).toMatchObject({
      code: 'member_unknown',
    });
    expect(await put(asked({ member: String(2 ** 52 - 1) }))).toMatchObject({ status: 422 });
    expect(await put(asked({ benefit: 2_147_483_647 }))).toMatchObject({ code: 'benefit_unknown' });
    expect(await put(asked({ benefit: plain, session: null }))).toMatchObject({
      code: 'benefit_unknown',
    });
    for (const foreign of [foreignSession, null, 2_147_483_647])
      expect(await put(asked({ session: foreign }))).toMatchObject({ code: 'session_unknown' });
    expect(
      await send(me.phone, 'POST', `/api/claims/${mine}/move`, `{"session":${foreignSession}}`),
    ).toMatchObject({ code: 'session_unknown' });
  });
});

describe('answers', () => {
  test.each<[string, string]>([
    ['not one of the choices', '{"size":"xxl"}'],
    ['a choice that every object has', '{"size":"constructor"}'],
    ['a number for a choice', '{"size":1}'],
    ['too long', '{"size":"s","team":"一二三四五六七八九十十"}'],
    ['a number for a text', '{"size":"s","team":7}'],
    ['a text for a number', '{"size":"s","age":"7"}'],
    ['below', '{"size":"s","age":0}'],
    ['above', '{"size":"s","age":1e308}'],
    ['a fraction', '{"size":"s","age":7.5}'],
    ['next to a whole number', '{"size":"s","age":7.000000000000001}'],
    ['to nothing that was asked', '{"size":"s","shoe":"44"}'],
    ['to what every object has', '{"size":"s","constructor":"x"}'],
  ])('%s: answers_invalid', async (_name, answers) => {
    const body = asked({ answers: '@' }).replace('"@"', answers);
    expect(await put(body)).toMatchObject({ status: 422, code: 'answers_invalid' });
  });

  test.each<[string, string]>([
    ['null', 'null'],
    ['a list', '["s"]'],
    ['a text', '"s"'],
    ['no answer at all', '{"size":null}'],
    ['several', '{"size":["s","l"]}'],
    ['an object', '{"size":{"$ne":"s"}}'],
    ['empty', '{"team":""}'],
    ['only spaces', '{"team":"   "}'],
    ['a NUL', '{"team":"a\\u0000b"}'],
    ['half a character', '{"team":"\\ud800"}'],
    ['turned round', '{"team":"a\\u202eb"}'],
    ['invisible', '{"team":"a\\u200bb"}'],
    ['a NUL in an id', '{"a\\u0000b":"x"}'],
    [
      'too many',
      JSON.stringify(Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`q${i}`, 1]))),
    ],
    ['a megabyte', JSON.stringify({ team: 'x'.repeat(1001) })],
    ['an id that is none', '{"toString":"y"}'],
    ['a name of its own that long', JSON.stringify({ ['x'.repeat(41)]: 'x' })],
  ])('%s: invalid_request', async (_name, answers) => {
    const body = asked({ answers: '@' }).replace('"@"', answers);
    expect(await put(body)).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  test('a hundred thousand of them are too much to read', async () => {
    const many = Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => [`q${i}`, i]));
    const answer = await put(asked({ answers: many }));
    expect([400, 413]).toContain(answer.status);
  });

  test('what would reach the prototype of everything reaches nothing', async () => {
    for (const body of [
      asked({ answers: '@' }).replace('"@"', '{"__proto__":{"size":"s"}}'),
      asked({ answers: '@' }).replace('"@"', '{"__proto__":"s","constructor":"x"}'),
      asked().replace('{', '{"__proto__":{"quantity":99},'),
    ])
      expect((await put(body)).status).toBeGreaterThanOrEqual(400);
    expect(({} as Record<string, unknown>)['size']).toBeUndefined();
  });
});

describe('bodies', () => {
  test.each<[string, string, Record<string, string>, number, string]>([
    ['no body', '', {}, 400, 'invalid_json'],
    ['half', asked().slice(0, -1), {}, 400, 'invalid_json'],
    ['a list', `[${asked()}]`, {}, 400, 'invalid_request'],
    ['deep', '['.repeat(100_000), {}, 400, 'invalid_json'],
    ['an unknown field', asked({ state: 'confirmed' }), {}, 400, 'invalid_request'],
    ['a field of the table', asked({ used: 1, allocation: 1 }), {}, 400, 'invalid_request'],
    ['another type', asked(), { 'Content-Type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['from elsewhere', asked(), { Origin: 'https://evil.example' }, 403, 'foreign_origin'],
  ])('%s', async (_name, body, headers, status, code) => {
    expect(await send(me.phone, 'PUT', `/api/claims/${fresh}`, body, headers)).toMatchObject({
      ...{ status, code },
    });
  });

  test.each(['de', 'zh', '%00', 'en&language=zh-CN', 'EN'])(
    'a calendar in %s',
    async (language) => {
      const answer = await send(
        me.phone,
        'GET',
        `/api/claims/${mine}/calendar?language=${language}`,
      );
      expect(answer).toMatchObject({ status: 400, code: 'invalid_request' });
    },
  );

  test('an unknown field in a query, and a method that is none', async () => {
    expect((await send(me.phone, 'GET', '/api/me/inbox?role=admin')).status).toBe(400);
    expect((await send(me.phone, 'DELETE', `/api/claims/${mine}`)).status).toBe(404);
  });
});

test('of all that nothing changed', unchanged);
