// Risk (I11): over the whole way of an upload, its order, its splits and its repeats change what comes of it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openKey } from '../../api/passes/seal.ts';
import type { Sql } from '../../db/client.ts';
import { openBasement } from '../support/basement.ts';
import { createApp, testSecret } from '../support/app.ts';
import { idIn } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { expectStatus } from '../support/counter.ts';
import type { DevicePhone } from '../support/device-phone.ts';
import { forgeToken } from '../support/forge.ts';
import {
  bearers,
  chainsOf,
  type Delivery,
  deviceCount,
  inOneBreath,
  leaseUnits,
  memberCount,
  telling,
} from '../support/model/uploads.ts';
import { endState } from '../support/offline.ts';
import { createOriginal } from '../support/original.ts';

const minuteMs = 60_000;
const now = Math.floor(Date.now() / minuteMs) * minuteMs + 59_500;

const original = await createOriginal(async (sql) => {
  await setClock(sql, new Date(now).toISOString());
  const basement = await openBasement(sql);
  const { counter } = basement;
  const members = await Promise.all(
    Array.from({ length: memberCount }, () => counter.city.addMember()),
  );
  const benefits: number[] = [];
  for (const variancePayer of bearers) {
    const options = { quantityMax: 2, limit: [2, 'day'] as [number, 'day'] };
    benefits.push(await basement.addBenefit(options, { units: leaseUnits, variancePayer }));
  }
  const phones: { phone: DevicePhone; leases: Map<number, number> }[] = [];
  for (let i = 0; i < deviceCount; i += 1) {
    const phone = await basement.pair([counter.city.outlet, counter.city.homeOutlet][i % 2]?.id);
    const leases = await basement.renew(phone);
    phones.push({ phone, leases: new Map(leases.map(({ id, benefit }) => [benefit, id])) });
  }
  const [key] = await sql<{ kid: number; cipher: Uint8Array }[]>`
    select kid, private_cipher as cipher from signing_key`;
  if (!key) throw new Error('There is no key.');
  const { kid } = key;
  const jwk = await openKey(testSecret, kid, key.cipher);
  return { counter, members, benefits, phones, kid, jwk };
});
const { counter, members, benefits, phones, kid, jwk } = original.filled;
const { origin } = counter.app.services.config;

test('any interleaving, duplication or split of uploads ends in the same state', async () => {
  const tellings = fc.sample(telling, { seed: 20261123, numRuns: 3 });
  const ends: string[] = [];
  for (const { scans, deliveries } of tellings) {
    await Promise.all(
      chainsOf(scans).map(async (chain, device) => {
        const { phone, leases } = phoneOf(device);
        phone.forget(0);
        for (const { member, benefit, quantity, ago, second } of chain) {
          const [holder, offer] = [members[member], benefits[benefit]];
          if (!holder || offer === undefined) throw new RangeError('Nobody did that.');
          const minute = Math.floor(now / minuteMs) - ago;
          const claims = { kid, card: holder.card, jti: minute, exp: (minute + 1) * 60 };
          await phone.write({
            id: idIn(holder.cell),
            pass: forgeToken(origin, claims, jwk),
            ...{ benefit: offer, quantity, lease: leases.get(offer) ?? 0 },
            scannedAt: new Date(minute * minuteMs + second * 1000).toISOString(),
            ...{ clockOffsetMs: 0, listAt: null, user: counter.city.operator.userId },
          });
        }
      }),
    );
    const plain = await original.onCopy((sql) => endOf(sql, inOneBreath));
    ends.push(...plain);
    expect(await original.onCopy((sql) => endOf(sql, deliveries))).toEqual(plain);
  }
  // There was something to agree about.
  expect(ends.some((row) => row.endsWith(',duplicate,pass_already_used)'))).toBe(true);
  expect(ends.some((row) => row.endsWith(',accepted,)'))).toBe(true);
});

/** Sends these uploads to an API of their own on a copy, by the operator who is signed in there too. */
async function endOf(sql: Sql, deliveries: Delivery[]): Promise<string[]> {
  const till = createApp(sql).browser();
  for (const [name, value] of counter.till.cookies) till.cookies.set(name, value);
  for (const { device, from, count } of deliveries) {
    const { phone } = phoneOf(device);
    const sent = phone.entries.slice(from, from + count);
    if (sent.length === 0) continue;
    const upload = await phone.sign(sent);
    await expectStatus(till.post(`/api/devices/${phone.id}/uploads`, upload), 200);
  }
  expect(await sql`select * from consistency()`).toEqual([]);
  return endState(sql);
}

function phoneOf(device: number) {
  const found = phones[device];
  if (!found) throw new RangeError('No such device.');
  return found;
}
