// Risk: a rule that one shell keeps and the other forgets, such as a security header on a file.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { type RunningServer, runtimes, startServer } from '../support/runtimes.ts';

const database = await createDatabase();
const answers = new Map<string, unknown>();

describe.each(runtimes)('%s', (runtime) => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(runtime, database.url);
  });
  afterAll(() => server.stop());

  /** What both must answer alike, kept from the first to be compared with by the second. */
  function agree(name: string, answer: unknown): void {
    if (answers.has(name)) expect(answer).toEqual(answers.get(name));
    else answers.set(name, answer);
  }

  test('it answers, and so does its database', async () => {
    expect(await (await server.fetch('/api/health')).json()).toEqual({ status: 'ok' });
    const ready = await server.fetch('/api/health/ready');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ status: 'ready' });
  });

  test('the document of the API is whole, and the same', async () => {
    const response = await server.fetch('/api/openapi.json');
    const document = (await response.json()) as { paths: Record<string, unknown> };
    expect(JSON.stringify(document.paths['/api/redemptions/{id}'])).toContain('"ticket"');
    agree('document', document.paths);
  });

  test('an address that is nowhere below /api is a problem document, not the page', async () => {
    const response = await server.fetch('/api/nowhere');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await response.json()).toMatchObject({ code: 'not_found' });
  });

  test('every page address is the page, and a pass scanned by another camera app is one', async () => {
    for (const path of ['/', '/benefits/12', `/Q/${'A'.repeat(127)}`]) {
      const response = await server.fetch(path);
      expect(response.status, path).toBe(200);
      expect(response.headers.get('content-type'), path).toContain('text/html');
      expect(await response.text(), path).toContain('<title');
    }
  });

  test('the page may run our scripts only, and is asked for again each time', async () => {
    const response = await server.fetch('/');
    const page = await response.text();
    const policy = response.headers.get('content-security-policy') ?? '';
    const scripts = policy.split('; ').find((part) => part.startsWith('script-src '));
    expect(scripts).toMatch(/^script-src 'self' ('sha256-[\w+/]+=+' )*'wasm-unsafe-eval'$/);
    expect(page).not.toMatch(/\son\w+="/);
    expect(response.headers.get('cache-control')).toMatch(/no-cache|max-age=0, must-revalidate/);
    const names = ['content-security-policy', 'x-content-type-options', 'referrer-policy'];
    names.push('permissions-policy', 'strict-transport-security', 'x-frame-options');
    agree(
      'headers',
      names.map((name) => [name, response.headers.get(name)]),
    );
  });

  const onWorkers = runtime === 'workerd' ? test : () => {};
  onWorkers('the Cron Trigger keeps house', async () => {
    const { sql } = database;
    await sql`insert into rate_window values ('ended', '2020-01-01Z', 1), ('open', 'infinity', 1)`;
    const response = await server.fetch('/cdn-cgi/handler/scheduled?cron=*');
    expect(response.status).toBe(200);
    expect(await sql`select key from rate_window`).toEqual([{ key: 'open' }]);
  });

  test('what did not change is not sent again', async () => {
    for (const path of ['/', '/boot.js']) {
      const first = await server.fetch(path);
      await first.body?.cancel();
      const headers = { 'If-None-Match': first.headers.get('etag') ?? '' };
      expect((await server.fetch(path, { headers })).status, path).toBe(304);
    }
  });

  test('a file with a hash in its name is kept for ever', async () => {
    const page = await (await server.fetch('/')).text();
    const [path] = /\/_app\/immutable\/[^"')]+\.js/.exec(page) ?? [];
    const response = await server.fetch(path ?? '/missing');
    await response.body?.cancel();
    expect(response.headers.get('content-type')).toMatch(/javascript/);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  });
});
