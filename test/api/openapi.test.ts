// Risk: the document says less or other than the API does, or its page needs something from elsewhere.
import type { ExtractSchema } from 'hono/types';
import { beforeAll, expect, test } from 'vitest';
import type * as z from 'zod';
import { app, type Api } from '../../api/app.ts';
import type { operations } from '../../api/docs/operations.ts';
import { describe, problemCodes } from '../../api/errors.ts';
import { createApp } from '../support/app.ts';
import { createDatabase } from '../support/database.ts';

type Key = keyof typeof operations;
type Served = ExtractSchema<Api>;
type Output<K> = K extends `${infer Method} ${infer Path}`
  ? Path extends keyof Served
    ? `$${Lowercase<Method>}` extends infer Name extends keyof Served[Path]
      ? Served[Path][Name] extends { output: infer Body }
        ? Body
        : never
      : never
    : unknown
  : never;
type Promised<K extends Key> = {
  [
    Status in keyof (typeof operations)[K]['answers']
  ]: (typeof operations)[K]['answers'][Status] extends infer Body extends z.ZodType
    ? z.output<Body>
    : never;
}[keyof (typeof operations)[K]['answers']];

// The build fails where a promised body and what the route returns do not fit; scope.test.ts compares real answers.
type Fits<A, B> = A extends B ? true : B extends A ? true : false;
type Broken = { [K in Key]: Fits<Promised<K>, Output<K>> extends true ? never : K }[Key];
const isNoneBroken: [Broken] extends [never] ? true : Broken = true;

type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  parameters?: { name: string; in: string }[];
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
};
type Document = {
  openapi: string;
  info: { description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties?: Record<string, { enum?: string[] }> }> };
};

const { sql } = await createDatabase();
const browser = createApp(sql).browser();
let text = '';
let document: Document;

beforeAll(async () => {
  const answer = await browser.get('/api/openapi.json');
  text = await answer.text();
  document = JSON.parse(text) as Document;
});

test('every promised body is of the type that its route returns', () => {
  expect(isNoneBroken).toBe(true);
});

test('it lists every route of the app and no other', () => {
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const served = app.routes
    .filter(({ method }) => method !== 'ALL')
    .map(({ method, path }) => `${method} ${path.replaceAll(/:([a-z]+)/g, '{$1}')}`);
  expect(described.sort()).toEqual([...new Set(served)].sort());
});

test('every operation has a name of its own, a summary, its parameters and its refusals', () => {
  const ids = new Set<string>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const { operationId, summary, tags, parameters = [], responses } = operation;
      expect(ids).not.toContain(operationId);
      ids.add(operationId);
      expect(summary, `${method} ${path}`).toMatch(/\w/);
      expect(tags).toHaveLength(1);
      const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
      expect(inPath).toEqual(Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name));
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '500', '503']));
      expect(Object.keys(responses).some((status) => status.startsWith('2'))).toBe(true);
    }
  }
});

test('every reason code is there with its status and its meaning', () => {
  expect(document.components.schemas['Problem']?.properties?.['code']?.enum).toEqual(problemCodes);
  for (const code of problemCodes) {
    const { status, title } = describe(code);
    expect(document.info.description).toContain(`| \`${code}\` | ${status} | ${title} |`);
  }
});

test('every code stands under its status with some operation', () => {
  const told = new Set<string>();
  for (const { responses } of Object.values(document.paths).flatMap((one) => Object.values(one))) {
    for (const [status, { description }] of Object.entries(responses)) {
      for (const [, code = ''] of description.matchAll(/`([a-z_]+)`: /g)) {
        told.add(code);
        expect(describe(code as (typeof problemCodes)[number]).status).toBe(Number(status));
      }
    }
  }
  expect([...told].sort()).toEqual([...problemCodes].sort());
});

test('every reference leads to a shape', () => {
  const names = Array.from(text.matchAll(/"\$ref":"([^"]+)"/g), ([, ref = '']) => ref);
  expect(names.length).toBeGreaterThan(0);
  for (const ref of new Set(names)) {
    expect(ref).toMatch(/^#\/components\/schemas\/\w+$/);
    expect(Object.keys(document.components.schemas)).toContain(ref.split('/').at(-1));
  }
  expect(document.openapi).toBe('3.1.0');
});

test('the page has every operation and every code, and needs nothing from anywhere', async () => {
  const answer = await browser.get('/api/docs');
  const page = await answer.text();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const method of Object.keys(methods))
      expect(page).toContain(`<h3>${method.toUpperCase()} ${path}</h3>`);
  }
  for (const code of problemCodes) expect(page).toContain(`id="${code}"`);
  expect(page).not.toMatch(/<script|<link|<img|<iframe|https?:\/\/|\son\w+=/);
  const policy = answer.headers.get('Content-Security-Policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(page) ?? [];
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(style));
  expect(policy).toContain(`'sha256-${Buffer.from(hash).toString('base64')}'`);
});
