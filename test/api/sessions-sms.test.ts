import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { createSmsGateway } from '../../api/sessions/sms-gateway.ts';
import { createApp } from '../support/app.ts';
import { createDatabase } from '../support/database.ts';

const secret = 'gateway-secret-0123456789-abcdefghijkl';
const database = await createDatabase();

type Received = { method: string; headers: IncomingMessage['headers']; body: string };
const received: Received[] = [];
let reply: (response: ServerResponse) => void;

const gateway = createServer((request, response) => {
  void text(request).then((body) => {
    received.push({ method: request.method ?? '', headers: request.headers, body });
    reply(response);
  });
});
gateway.listen(0, '127.0.0.1');
await once(gateway, 'listening');
afterAll(() => {
  gateway.close();
  gateway.closeAllConnections();
});
const address = gateway.address();
const port = typeof address === 'object' && address ? address.port : 0;

const through = (url: string, patienceMs?: number) =>
  createApp(database.sql, {
    config: { demo: false },
    sms: createSmsGateway({ url, secret }, patienceMs),
  });
const app = through(`http://127.0.0.1:${port}/send`);
const send = (of: typeof app, phoneNumber: string) =>
  of.browser().post('/api/auth/phone-number/send-otp', { phoneNumber });

test('the gateway gets phone and code, signed, and the code signs in', async () => {
  reply = (response) => response.writeHead(202).end('{}');
  expect((await send(app, '138 0013 8000')).status).toBe(200);
  const [{ method, headers, body }] = received.splice(0) as [Received];
  expect([method, headers['content-type']]).toEqual(['POST', 'application/json']);
  const { phone, code } = JSON.parse(body) as { phone: string; code: string };
  expect(phone).toBe('+8613800138000');
  const timestamp = String(headers['x-tongka-timestamp']);
  expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(30);
  expect(headers['x-tongka-signature']).toBe(
    createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex'),
  );
  const answer = await app.browser().post('/api/auth/phone-number/verify', {
    phoneNumber: phone,
    code,
  });
  expect(answer.status).toBe(200);
});

async function expectUnavailable(answer: Response): Promise<void> {
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
  const body = await answer.text();
  expect(JSON.parse(body)).toMatchObject({ code: 'sms_unavailable' });
  expect(body).not.toMatch(/13800138\d{3}|127\.0\.0\.1|gateway/);
}

// Risk: people wait for a code that never left, and are told that it did.
test.each([
  ['refuses', (response: ServerResponse) => response.writeHead(403).end()],
  ['breaks', (response: ServerResponse) => response.writeHead(500).end('stack of the gateway')],
  ['hangs up', (response: ServerResponse) => response.destroy()],
  [
    'sends elsewhere',
    (response: ServerResponse) =>
      response.writeHead(307, { Location: `http://127.0.0.1:${port}/elsewhere` }).end(),
  ],
])('a gateway that %s is a clear 503', async (_what, how) => {
  reply = how;
  await expectUnavailable(await send(app, `138001380${10 + received.length}`));
  // A redirect is not followed: the code went to one address.
  expect(received.splice(0).length).toBe(1);
});

test('a gateway that never answers, and one that is not there, are a clear 503', async () => {
  reply = () => {};
  const impatient = through(`http://127.0.0.1:${port}/`, 100);
  await expectUnavailable(await send(impatient, '13800138020'));
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const free = closed.address();
  closed.close();
  await once(closed, 'close');
  const nowhere = typeof free === 'object' && free ? free.port : 1;
  await expectUnavailable(await send(through(`http://127.0.0.1:${nowhere}/`), '13800138021'));
});

test('after a failure another code can be asked for at once', async () => {
  reply = (response) => response.writeHead(500).end();
  await expectUnavailable(await send(app, '13800138030'));
  reply = (response) => response.writeHead(200).end();
  expect((await send(app, '13800138030')).status).toBe(200);
});
