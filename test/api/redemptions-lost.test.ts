// Risk: the answer is lost between the database and the counter after the redemption was made, and a retry makes another
// (I5, I22).
import { afterAll, expect, test } from 'vitest';
import { createApp } from '../support/app.ts';
import { idIn } from '../support/city.ts';
import { Counter, expectStatus, openCounter, passOf, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import { connect } from '../../db/client.ts';

const database = await createDatabase();
const { sql } = database;
const { city } = await openCounter(sql);

// How many of the next redemptions' answers are lost, each with its connection.
let cuts = 0;
let isAway = false;
const proxy = await openFaultProxy(database.url, (statement) => {
  if (isAway) return { kind: 'cut before' };
  if (cuts === 0 || !statement.includes('redeem(')) return { kind: 'pass' };
  cuts -= 1;
  return { kind: 'cut after' };
});
const pool = connect(proxy.url);
const app = createApp(pool);
const counter = new Counter(city, app, await app.signInAs(city.operator.userId));
const { till } = counter;

afterAll(async () => {
  await pool.end({ timeout: 1 });
  await proxy.close();
});

async function ready() {
  const benefit = await city.addBenefit({ limit: [9, 'day'] });
  const holder = await counter.addHolder();
  const { ticket } = await counter.scan({ pass: (await passOf(holder)).url });
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
  isAway = true;
  proxy.cut();
  expect(await problemOf(put())).toMatchObject({ status: 503, code: 'database_unavailable' });
  expect(await rows()).toBe(0);
});
