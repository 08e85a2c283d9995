// Risk: a pass counts a second too early or too late, in one of its two forms, or by another clock than the database's.
import { beforeEach, describe, expect, test } from 'vitest';
import { setClock } from '../support/clock.ts';
import { expectStatus, type Holder, openCounter, passOf, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { idIn } from '../support/city.ts';

const { sql } = await createDatabase();
const minute = Math.floor(Date.now() / 60_000) * 60;
const exp = minute + 60;
const at = (epochSeconds: number) => new Date(epochSeconds * 1000).toISOString();
await setClock(sql, at(minute));
const counter = await openCounter(sql);
const { city, till } = counter;
const benefit = await city.addBenefit({ limit: [1000, 'total'] });
const outlet = city.outlet.id;
const holder: Holder = await counter.addHolder();
const shown = await passOf(holder);

async function clockAt(epochSeconds: number): Promise<void> {
  await setClock(sql, at(epochSeconds));
  counter.app.services.keys.forget();
}

const judge = (body: object) => problemOf(till.post('/api/scans', { ...body, outlet }));

beforeEach(() => clockAt(minute));

describe.each([
  ['as QR', { pass: shown.url }],
  ['as short code', { code: shown.code }],
])('a pass %s', (_form, body) => {
  test.each([
    [-131, 'pass_not_yet_valid'],
    [-71, 'pass_not_yet_valid'],
    [-70.001, 'pass_not_yet_valid'],
    [-70, undefined],
    [-69, undefined],
    [-61, undefined],
    [-60, undefined],
    [-59, undefined],
    [-1, undefined],
    [-0.001, undefined],
    [0, 'pass_expired'],
    [0.001, 'pass_expired'],
    [1, 'pass_expired'],
    [540, 'pass_expired'],
  ])('%d s after its expiry: %s', async (seconds, code) => {
    await clockAt(exp + seconds);
    expect((await judge(body)).code).toBe(code);
  });
});

test('a short code far from its time is taken for a wrong one, its QR is not', async () => {
  for (const seconds of [-3600, 3600]) {
    await clockAt(exp + seconds);
    expect((await judge({ code: shown.code })).code).toBe('pass_invalid');
    expect((await judge({ pass: shown.url })).code).toBe(
      seconds < 0 ? 'pass_not_yet_valid' : 'pass_expired',
    );
  }
});

test('a slow cashier loses nothing: the scan’s time counts, for five minutes', async () => {
  await clockAt(exp - 1);
  const scanned = await counter.scan({ pass: shown.url });
  expect(Date.parse(scanned.validUntil) - Date.parse(scanned.scannedAt)).toBe(300_000);
  const put = (id: string) =>
    till.put(`/api/redemptions/${id}`, { ticket: scanned.ticket, benefit, quantity: 1 });
  await clockAt(exp - 1 + 300.001);
  const late = idIn(holder.cell);
  expect(await problemOf(put(late))).toMatchObject({ status: 422, code: 'scan_expired' });
  await clockAt(exp - 1 + 300);
  await expectStatus(put(late), 201);
  await clockAt(exp - 1 + 86_400);
  const again = await expectStatus<{ at: string }>(put(late), 200);
  expect(again.at).toBe(scanned.scannedAt);
});

test('only one of the QR and the short code of a minute works', async () => {
  await clockAt(minute + 120);
  const both = await passOf(holder);
  for (const [body, code] of [
    [{ code: both.code }, undefined],
    [{ pass: both.url }, 'pass_already_used'],
    [{ code: both.code }, 'pass_already_used'],
  ] as const) {
    const { ticket, benefits } = await counter.scan(body as { pass: string });
    expect(benefits.find(({ id }) => id === benefit)?.reason).toBe(code ?? null);
    const answer = await problemOf(
      till.put(`/api/redemptions/${idIn(holder.cell)}`, { ticket, benefit, quantity: 1 }),
    );
    expect(answer.code).toBe(code);
  }
});
