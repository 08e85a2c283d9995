// Risk: changing keys refuses an honest card, or a key that was taken away still opens something.
import { expect, test } from 'vitest';
import type { Services } from '../../api/context.ts';
import { makeBooklet } from '../../api/passes/booklet.ts';
import { KeyRing } from '../../api/passes/keys.ts';
import { openKey } from '../../api/passes/seal.ts';
import { ensureKey, revoke, rotate } from '../../api/passes/rotate.ts';
import { verifyPass, verifyShortCode } from '../../api/passes/verify.ts';
import { preview } from '../../api/scans/queries.ts';
import { testSecret } from '../support/app.ts';
import { setClock } from '../support/clock.ts';
import {
  expectStatus,
  openCounter,
  passOf,
  problemOf,
  type ShownPass,
} from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const start = Math.floor(Date.now() / 60_000) * 60_000;
await setClock(sql, new Date(start).toISOString());
const counter = await openCounter(sql);
const { city } = counter;
const holder = await counter.addHolder();
const { userId } = city.operator;

let elapsedMs = 0;
/** One more process: its own ring, and a clock of its own for how old its copy is. */
const node = (): Services => ({
  ...counter.app.services,
  keys: new KeyRing(testSecret, () => elapsedMs),
});

async function clockAt(ms: number): Promise<void> {
  elapsedMs = ms - start;
  await setClock(sql, new Date(ms).toISOString());
}

async function standing(services: Services, url: string): Promise<string> {
  const actor = { userId, sessionAt: new Date(start).toISOString(), secondFactorAt: null };
  const claims = await verifyPass(services, url).catch((error: Error) => error.message);
  if (typeof claims === 'string') return claims;
  return (await preview(sql, actor, claims, city.outlet.id)).refusal ?? 'accepted';
}

test('over two rotations every pass of every booklet is accepted in its minute, by stale key rings', async () => {
  const phones = node();
  const tills = [node(), node()];
  const minuteMs = 60_000;
  const stepMs = 17 * minuteMs;
  const rotations = [1, 3.5].map((hours) => start + hours * 60 * minuteMs);
  const booklets: ShownPass[][] = [];
  const kids = new Set<number>();
  for (let ms = start; ms < start + 7 * 60 * minuteMs; ms += stepMs) {
    await clockAt(ms);
    for (const till of tills) await till.keys.now(sql);
    booklets.push(await makeBooklet(phones, holder.card, new Date(ms)));
    if (rotations.some((due) => ms <= due && due < ms + stepMs)) await rotate(counter.app.services);
    // Half a minute later nobody has looked at the keys again.
    await clockAt(ms + minuteMs / 2);
    const held = booklets.flat().filter(({ from }) => Date.parse(from) === ms);
    expect(held.length).toBeGreaterThan(0);
    for (const pass of held)
      for (const till of tills) {
        expect(await standing(till, pass.url), pass.from).toBe('accepted');
        kids.add((await verifyPass(till, pass.url)).kid);
        expect(await verifyShortCode(till, pass.code)).not.toBeNull();
      }
  }
  expect(kids.size).toBe(3);
});

test('a retired key verifies nothing new any more, and a rotation takes it away after ninety days', async () => {
  const fresh = await createFreshKeys();
  await clockAt(fresh.at + 4 * 60 * 60_000);
  expect(await standing(fresh.till, fresh.url)).toBe('key_revoked');
  await clockAt(fresh.at + 91 * 24 * 60 * 60_000);
  await rotate(counter.app.services);
  expect(await standing(node(), fresh.url)).toBe('pass_invalid');
});

test('a revoked key refuses every pass at once, even by a ring that does not know it yet', async () => {
  const { kid, url, till, at } = await createFreshKeys({ rotated: false });
  expect(await standing(till, url)).toBe('accepted');
  const done = await revoke(counter.app.services, kid);
  expect(done).toEqual({ isRevoked: true, replacement: (kid % 255) + 1 });
  expect(await standing(till, url)).toBe('key_revoked');
  expect(await standing(node(), url)).toBe('key_revoked');
  expect((await revoke(counter.app.services, kid)).isRevoked).toBe(false);
  // Its replacement signs in the very minute.
  const [next] = await makeBooklet(node(), holder.card, new Date(at));
  expect(await standing(node(), next?.url ?? '')).toBe('accepted');
  // The negative control of rotation: without its lead, a ring that has just looked refuses an honest card.
  expect(await standing(till, next?.url ?? '')).toBe('pass_invalid');
  const { keys } = await expectStatus<{ keys: { kid: string }[] }>(
    counter.till.get('/.well-known/jwks.json'),
    200,
  );
  expect(keys.map((key) => key.kid)).toEqual([String(done.replacement)]);
});

test('a key that was removed rejects all: by a stale ring in SQL, by a fresh one before it', async () => {
  const { kid, url, till } = await createFreshKeys({ rotated: false });
  await sql`delete from signing_key where kid = ${kid}`;
  expect(await standing(till, url)).toBe('key_revoked');
  expect(await standing(node(), url)).toBe('pass_invalid');
  counter.app.services.keys.forget();
  expect(
    await problemOf(counter.till.post('/api/scans', { pass: url, outlet: city.outlet.id })),
  ).toMatchObject({ status: 422, code: 'pass_invalid' });
});

test('a new installation makes its first key once, whoever comes first', async () => {
  await sql`delete from signing_key`;
  await Promise.all(Array.from({ length: 8 }, () => ensureKey(counter.app.services)));
  expect(await sql`select kid from signing_key`).toHaveLength(1);
  await sql`delete from signing_key`;
  counter.app.services.keys.forget();
  expect((await passOf(holder)).url).toMatch(/^HTTP:/);
});

test('at rest a private key opens only under its own secret and kid', async () => {
  const [row] = await sql<{ kid: number; cipher: Uint8Array; text: string }[]>`
    select kid, private_cipher as cipher, encode(private_cipher, 'escape') as text from signing_key`;
  if (!row) throw new Error('There is no key.');
  expect(row.text).not.toMatch(/"d"|"kty"|P-256/);
  expect(await openKey(testSecret, row.kid, row.cipher)).toMatchObject({ crv: 'P-256' });
  await expect(openKey(`${testSecret}x`, row.kid, row.cipher)).rejects.toThrow();
  await expect(openKey(testSecret, row.kid + 1, row.cipher)).rejects.toThrow();
  const flipped = Uint8Array.from(row.cipher, (byte, i) => (i === 40 ? byte ^ 1 : byte));
  await expect(openKey(testSecret, row.kid, flipped)).rejects.toThrow();
});

/** Only one key, a pass of it, and a till whose ring has just looked; then, unless told otherwise, its successor. */
async function createFreshKeys({ rotated = true } = {}) {
  await sql`delete from signing_key`;
  await ensureKey(counter.app.services);
  const till = node();
  const [now] = await sql<{ ms: number; kid: number }[]>`
    select (extract(epoch from clock()) * 1000)::float8 as ms, kid from signing_key`;
  if (!now) throw new Error('There is no key.');
  const [pass] = await makeBooklet(till, holder.card, new Date(now.ms));
  if (rotated) await rotate(counter.app.services);
  return { kid: now.kid, url: pass?.url ?? '', till, at: now.ms };
}
