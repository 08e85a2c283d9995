// Risk: the answer is lost between the database and the counter after the redemption was made, and a retry makes another
// (I5, I22).
import { createServer, connect as dial, type Socket } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { createApp } from '../support/app.ts';
import { idIn } from '../support/city.ts';
import { Counter, expectStatus, openCounter, passOf, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { connect } from '../../db/client.ts';

const database = await createDatabase();
const { sql } = database;
const { city } = await openCounter(sql);
const server = new URL(database.url);

/** The message that runs a statement already prepared; its answer comes in one piece, after the commit. */
const bind = 'B'.charCodeAt(0);
// How many of the next such answers are swallowed, each with its connection.
let cuts = 0;
const sockets = new Set<Socket>();
const proxy = createServer((near) => {
  const far = dial(Number(server.port), server.hostname);
  for (const socket of [near, far]) {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
  }
  let asked: number | undefined;
  near.on('data', (chunk) => {
    asked = chunk[0];
    far.write(chunk);
  });
  near.on('close', () => far.destroy());
  far.on('close', () => near.destroy());
  far.on('data', (chunk) => {
    if (cuts === 0 || asked !== bind) return near.write(chunk);
    cuts -= 1;
    return near.destroy();
  });
});
await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
const address = proxy.address();
if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
const through = new URL(database.url);
through.port = String(address.port);
// Only one connection, so that the next statement goes by the one that was warmed.
const pool = connect(through.href, { max: 1 });
const app = createApp(pool);
const counter = new Counter(city, app, await app.signInAs(city.operator.userId));
const { till } = counter;

afterAll(async () => {
  await pool.end({ timeout: 1 });
  for (const socket of sockets) socket.destroy();
  proxy.close();
});

async function ready() {
  const benefit = await city.addBenefit({ limit: [9, 'day'] });
  await counter.redeem(await counter.addHolder(), benefit);
  const holder = await counter.addHolder();
  const { ticket } = await counter.scan({ pass: (await passOf(holder)).url });
  const warm = await counter.redeem(await counter.addHolder(), benefit);
  expect(warm.answer.status).toBe(201);
  const id = idIn(holder.cell);
  const put = () => till.put(`/api/redemptions/${id}`, { ticket, benefit, quantity: 1 });
  const rows = async () => (await sql`select from redemption where id = ${id}`).length;
  return { put, rows };
}

test('an answer lost after the commit is found again by the server itself', async () => {
  const { put, rows } = await ready();
  cuts = 1;
  // 200, not 201: the first sending had been stored when its answer was cut.
  await expectStatus(put(), 200);
  expect(cuts).toBe(0);
  expect(await rows()).toBe(1);
});

test('when every try is cut, the counter is told to come again, and then hears the first answer', async () => {
  const { put, rows } = await ready();
  cuts = 50;
  const answer = await put();
  expect(answer.status).toBe(503);
  expect(answer.headers.get('Retry-After')).toBe('1');
  cuts = 0;
  expect(await rows()).toBe(1);
  await expectStatus(put(), 200);
  expect(await rows()).toBe(1);
});

test('a database that is away is a 503, and no redemption', async () => {
  const { put, rows } = await ready();
  proxy.close();
  for (const socket of sockets) socket.destroy();
  expect(await problemOf(put())).toMatchObject({ status: 503, code: 'busy' });
  expect(await rows()).toBe(0);
});
