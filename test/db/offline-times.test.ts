// Risk (I8): offline nobody sees the clock: a scan counts a moment outside its pass, its lease, its day, or ahead of time.
import { describe, expect, test } from 'vitest';
import { buildCity, type OfflineItem } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { type Entry, link } from '../support/device-phone.ts';
import { uploadBySql } from '../support/offline.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
staysConsistent(sql);

/** A minute before midnight in Beijing. */
const evening = Date.UTC(2026, 10, 18, 15, 59);
const hourMs = 3_600_000;
const clockAt = (ms: number) => setClock(sql, new Date(ms).toISOString());
const seconds = (ms: number) => ms / 1000;

/** A phone with a lease for eight hours, at whose counter a card may have one use a day. */
async function openTill() {
  await clockAt(evening);
  const benefit = await city.addBenefit({ limit: [10, 'day'], pools: { shared: 20 } });
  await city.addPolicy(benefit, { units: 5, hours: 8, cardUsesADay: 1 });
  const device = await city.addDevice();
  const [lease] = await sql<{ id: number }[]>`
    select lease as id from renew_leases(${device.id}) where benefit = ${benefit}`;
  const member = await city.addMember();
  const scanAt = (ms: number): OfflineItem =>
    city.offlineItem(member, benefit, device, lease ?? null, new Date(ms));
  /** Uploads all of these at once, and hears what they are. */
  const upload = async (...items: OfflineItem[]) => {
    const entries: Entry[] = [];
    for (const item of items) entries.push(await link(entries.at(-1), JSON.stringify(item)));
    const judged = await uploadBySql(sql, device.id, entries, (seq) => items[seq - 1] ?? {});
    return judged.map(({ verdict, reason }) => reason ?? verdict);
  };
  return { scanAt, upload, lease };
}

describe('a pass is good for its minute and the ten seconds before it', () => {
  const exp = seconds(evening) + 60;
  test.each([
    [-71, 'pass_not_yet_valid'],
    [-70.001, 'pass_not_yet_valid'],
    [-70, 'accepted'],
    [-69, 'accepted'],
    [-1, 'accepted'],
    [-0.001, 'accepted'],
    [0, 'pass_expired'],
    [1, 'pass_expired'],
  ])('scanned %d s after its end: %s', async (after, verdict) => {
    const { scanAt, upload } = await openTill();
    const item = { ...scanAt((exp + after) * 1000), exp };
    await clockAt(evening + hourMs);
    expect(await upload(item)).toEqual([verdict]);
  });
});

describe('no scan is made before it is uploaded, but for a phone’s clock', () => {
  test.each([
    [69, 'accepted'],
    [70, 'accepted'],
    [70.001, 'scan_in_future'],
    [71, 'scan_in_future'],
    [10 * 365 * 86_400, 'scan_in_future'],
  ])('%d s ahead: %s', async (ahead, verdict) => {
    const { scanAt, upload } = await openTill();
    expect(await upload(scanAt(evening + ahead * 1000))).toEqual([verdict]);
  });
});

describe('a lease is spent by scans before its end', () => {
  const end = 8 * hourMs;
  test.each([
    [end - 1000, true],
    [end - 1, true],
    [end, false],
    [end + 1000, false],
  ])('%d ms after it was given: %s', async (after, isSpent) => {
    const { scanAt, upload, lease } = await openTill();
    const item = scanAt(evening + after);
    await clockAt(evening + end + hourMs);
    expect(await upload(item)).toEqual(['accepted']);
    const [row] = await sql`select lease_id from redemption where id = ${item.id}`;
    expect(row).toEqual({ lease_id: isSpent ? lease?.id : null });
  });
});

describe('a card’s uses a day at a device are counted in Beijing’s days', () => {
  const midnight = evening + 60_000;
  test.each([
    [-1000, -1, 'card_uses_a_day'],
    [-1, 0, 'accepted'],
    [0, 24 * hourMs - 1, 'card_uses_a_day'],
  ])('%d ms and %d ms from midnight: %s', async (first, second, verdict) => {
    const { scanAt, upload } = await openTill();
    await clockAt(evening + 30 * hourMs);
    const items = [scanAt(midnight + first), scanAt(midnight + second)];
    expect(await upload(...items)).toEqual(['accepted', verdict]);
  });
});
