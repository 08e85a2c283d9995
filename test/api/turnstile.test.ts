// Risk: in a rush the wrong ones are turned away, or what is let through has lost its body (I21).
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { listen } from '../../api/node/listen.ts';
import { turnstile } from '../../api/node/turnstile.ts';
import { Batcher } from '../../api/batches/batcher.ts';
import type { Item } from '../../api/redemptions/item.ts';
import { redeem } from '../../api/redemptions/redeem.ts';
import { buildCity } from '../support/city.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);

test('in a rush who wants the full benefit is turned away, everybody else goes through with what he brought', async () => {
  const full = await city.addBenefit({ pools: { shared: 5 } });
  const other = full + 1;
  const batcher = new Batcher((some: readonly Item[]) => redeem(sql, some), { laneMax: 1 });
  const claims = new Batcher((some: readonly Item[]) => redeem(sql, some), { laneMax: 0 });
  const doors = [
    { path: '/api/redemptions/', batcher },
    { path: '/api/claims/', batcher: claims },
  ];
  const server = await listen({
    host: '127.0.0.1',
    port: 0,
    tls: null,
    answer: async (request) => new Response(`${request.method} ${await request.text()}`),
    before: (listener) => turnstile(doors, listener),
  });
  const ask = async (method: string, path: string, body?: string) => {
    const url = `http://127.0.0.1:${server.port}${path}`;
    const answer = await fetch(url, { method, ...(body !== undefined && { body }) });
    return { status: answer.status, head: answer.headers, text: await answer.text() };
  };
  const want = (benefit: number, more = '') =>
    ask('PUT', '/api/redemptions/1', JSON.stringify({ ticket: `票${more}`, benefit }));
  const passed = { status: 200 };
  const items = await Promise.all(
    Array.from({ length: 2 }, async () => city.item(await city.addMember(), full)),
  );
  try {
    const waiting = await sql.begin(async (tx) => {
      await tx`select from allocation where benefit_id = ${full} for update`;
      const taken = items.map((item) => batcher.add(item));
      // Full, but nobody was turned away yet: it looks at nothing.
      expect(await want(full)).toMatchObject(passed);
      expect(batcher.hasRoom(full)).toBe(false);

      const refused = await want(full);
      expect(refused.status).toBe(503);
      expect(refused.head.get('Retry-After')).toBe('1');
      expect(refused.head.get('Content-Type')).toBe('application/problem+json');
      expect(JSON.parse(refused.text)).toMatchObject({ code: 'busy', status: 503 });

      expect(await want(other)).toMatchObject({
        ...passed,
        text: `PUT ${JSON.stringify({ ticket: '票', benefit: other })}`,
      });
      const long = 'x'.repeat(10_000);
      expect(await want(full, long)).toMatchObject({
        ...passed,
        text: `PUT ${JSON.stringify({ ticket: `票${long}`, benefit: full })}`,
      });
      expect(await ask('PUT', '/api/redemptions/1', 'no JSON')).toMatchObject(passed);
      expect(await ask('GET', '/api/redemptions/1')).toMatchObject({ ...passed, text: 'GET ' });

      // Each door knows its own queue alone.
      const claim = (path: string, method = 'PUT') =>
        ask(method, path, JSON.stringify({ benefit: full, session: 1 }));
      expect(await claim('/api/claims/1')).toMatchObject(passed);
      expect(claims.hasRoom(full)).toBe(false);
      expect((await claim('/api/claims/1')).status).toBe(503);
      expect(await claim('/api/claims/1/cancellation', 'POST')).toMatchObject(passed);

      // Who leaves in the middle of a request takes nobody along.
      const leaver = connect(server.port, '127.0.0.1');
      await once(leaver, 'connect');
      leaver.write('PUT /api/redemptions/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\n{"ben');
      leaver.resetAndDestroy();
      await once(leaver, 'close');
      expect((await want(full)).status).toBe(503);
      return { taken };
    });
    const outcomes = await Promise.all(waiting.taken);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted']);
    expect(await want(full)).toMatchObject(passed);
  } finally {
    await server.close();
  }
});
