import { expect, test } from 'vitest';
import { client } from '../../web/src/lib/client.ts';
import { createDatabase } from '../support/database.ts';
import { createApp } from '../support/app.ts';

type Sent = { address: string; init: RequestInit };

function recorder(): { sent: Sent[]; api: ReturnType<typeof client>['api'] } {
  const sent: Sent[] = [];
  const { api } = client(async (address, init) => {
    sent.push({ address, init });
    return Response.json({});
  });
  return { sent, api };
}

// Risk: a request that the types promise and the wire does not carry.
test('addresses, queries, headers and bodies arrive as Hono writes them', async () => {
  const { sent, api } = recorder();
  await api.benefits.$get({ query: { kind: 'gym' }, header: { 'x-near': '39.905,116.391' } });
  await api.benefits[':id'].$get({ param: { id: '7' }, query: {}, header: {} });
  await api.me.card.enrolment.$post({ json: { phoneLabel: '手机', takeover: true } });
  await api.me.redemptions[':id'].alert.$post({ param: { id: 'a/b' } });
  await api.me.events.$get({ query: {} }, { headers: { 'if-none-match': '"1"' } });
  expect(sent.map(({ address, init }) => [init.method, address, init.headers, init.body])).toEqual([
    ['GET', '/api/benefits?kind=gym', { 'x-near': '39.905,116.391' }, undefined],
    ['GET', '/api/benefits/7', {}, undefined],
    [
      'POST',
      '/api/me/card/enrolment',
      { 'content-type': 'application/json' },
      '{"phoneLabel":"手机","takeover":true}',
    ],
    ['POST', '/api/me/redemptions/a%2Fb/alert', {}, undefined],
    ['GET', '/api/me/events', { 'if-none-match': '"1"' }, undefined],
  ]);
});

test('the client is not taken for a promise', async () => {
  const { api, sent } = recorder();
  await Promise.resolve(api.session);
  expect(sent).toEqual([]);
});

test('it speaks with the API itself', async () => {
  const database = await createDatabase();
  const browser = createApp(database.sql).browser();
  const { api } = client((address, { method = 'GET' }) => browser.request(method, address));
  const answer = await api.session.$get();
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ user: null, secondFactor: 'none' });
});
