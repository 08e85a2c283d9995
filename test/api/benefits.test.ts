// Risk: a member does not find what he may use near here today, is told the wrong reason, or his place is kept somewhere.
import { beforeAll, expect, test } from 'vitest';
import { expectStatus, openCounter, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city, app, till } = counter;
const { home, host } = city.unions;
const holder = await counter.addHolder();
const { phone } = holder;

type Item = {
  id: number;
  canUse: boolean;
  reason: string | null;
  again: string | null;
  nearest: { id: number; distanceMetres: number | null } | null;
  quota: { left: number; isExact: boolean };
  limit: { count: number; period: string; left: number };
  outletCount: number;
};
type List = { sortedBy: string; district: number | null; items: Item[] };

const list = (query = '', near?: string) =>
  expectStatus<List>(phone.get(`/api/benefits${query}`, near ? { 'X-Near': near } : {}), 200);

const made = { everywhere: 0, gone: 0, atHost: 0, later: 0 };

beforeAll(async () => {
  made.everywhere = await city.addBenefit({ pools: { [home]: 5, shared: 60 } });
  made.gone = await city.addBenefit({ pools: { shared: 0 } });
  made.atHost = await city.addBenefit({ validDistricts: [host], pools: { shared: 12_345 } });
  made.later = await city.addBenefit({ startsAt: '2098-01-01T00:00:00Z' });
  await city.addBenefit({ endsAt: '2021-01-01T00:00:00Z' });
});

const byId = (items: Item[], id: number) => items.find((item) => item.id === id);

test('the list says what can be used, what is left, and why and until when not', async () => {
  const { items, sortedBy, district } = await list();
  expect({ sortedBy, district }).toEqual({ sortedBy: 'home', district: home });
  expect(items).toHaveLength(4);
  expect(items.map(({ canUse }) => canUse)).toEqual([true, true, false, false]);
  expect(byId(items, made.everywhere)).toMatchObject({
    canUse: true,
    reason: null,
    quota: { left: 65, isExact: true },
    limit: { count: 1, period: 'day', left: 1 },
    outletCount: 2,
    nearest: { id: city.homeOutlet.id, distanceMetres: null },
  });
  expect(byId(items, made.gone)).toMatchObject({ canUse: false, reason: 'quota_exhausted' });
  expect(byId(items, made.atHost)).toMatchObject({
    quota: { left: 12_300, isExact: false },
    nearest: { id: city.outlet.id },
    outletCount: 1,
  });
  expect(byId(items, made.later)).toMatchObject({
    canUse: false,
    reason: 'benefit_not_started',
    again: '2098-01-01T00:00:00.000Z',
  });
});

test('a used one says when it is possible again, and redeem says the same', async () => {
  const holder = await counter.addHolder();
  const benefit = await city.addBenefit({ limit: [1, 'month'] });
  await counter.redeem(holder, benefit);
  const { items } = await expectStatus<List>(holder.phone.get('/api/benefits'), 200);
  const item = byId(items, benefit);
  expect(item).toMatchObject({ reason: 'limit_reached', limit: { left: 0, period: 'month' } });
  // Midnight in Shanghai is 16:00 UTC.
  expect(item?.again).toMatch(/-\d\dT16:00:00\.000Z$/);
});

test('by location it is the great-circle distance, and the list says so', async () => {
  await sql`update outlet set latitude = 39.92, longitude = 116.44 where id = ${city.outlet.id}`;
  await sql`update outlet set latitude = 39.95, longitude = 116.30 where id = ${city.homeOutlet.id}`;
  const near = await list('', '39.921,116.441');
  expect(near).toMatchObject({ sortedBy: 'location', district: null });
  const nearest = byId(near.items, made.everywhere)?.nearest;
  expect(nearest?.id).toBe(city.outlet.id);
  // One thousandth of a degree of latitude is 111 m, one of longitude 85 m here.
  expect(nearest?.distanceMetres).toBeGreaterThan(130);
  expect(nearest?.distanceMetres).toBeLessThan(150);
  const far = await list('', '39.951,116.301');
  expect(byId(far.items, made.everywhere)?.nearest?.id).toBe(city.homeOutlet.id);
});

test('a district is a filter that one chooses, and never a wall', async () => {
  const chosen = await list(`?district=${home}`);
  expect(chosen).toMatchObject({ sortedBy: 'district', district: home });
  expect(byId(chosen.items, made.atHost)).toBeUndefined();
  expect(byId(chosen.items, made.everywhere)?.nearest?.id).toBe(city.homeOutlet.id);
  const there = await list(`?district=${host}`);
  expect(byId(there.items, made.atHost)?.canUse).toBe(true);
  expect(byId(there.items, made.everywhere)).toMatchObject({
    canUse: true,
    nearest: { id: city.outlet.id },
  });
  expect((await list('?district=999999')).items).toEqual([]);
});

test('kind and words filter', async () => {
  expect((await list('?kind=gym')).items).toEqual([]);
  expect((await list('?kind=cinema')).items.length).toBeGreaterThan(0);
  expect((await list(`?q=${encodeURIComponent('电影')}`)).items.length).toBeGreaterThan(0);
  expect((await list('?q=A%20FILM')).items.length).toBeGreaterThan(0);
  expect((await list(`?q=${encodeURIComponent('%')}`)).items).toEqual([]);
});

test('a benefit’s page has its outlets, the nearest first, those closed left out', async () => {
  const closed = await city.addOutlet(city.outlet.partner, host);
  await sql`update outlet set closed_at = clock() where id = ${closed.id}`;
  const path = `/api/benefits/${made.everywhere}`;
  type Page = Item & { outlets: { id: number; distanceMetres: number | null }[] };
  const page = await expectStatus<Page>(phone.get(path, { 'X-Near': '39.951,116.301' }), 200);
  expect(page.outlets.map(({ id }) => id)).toEqual([city.homeOutlet.id, city.outlet.id]);
  expect(page.outlets[0]).toMatchObject({
    addressZh: '路1号',
    latitude: 39.95,
    districtZh: expect.any(String),
  });
  const plain = await expectStatus<Page>(phone.get(`${path}?district=${host}`), 200);
  expect(plain.outlets.map(({ id }) => id)).toEqual([city.outlet.id, city.homeOutlet.id]);
  expect(plain.outlets[0]?.distanceMetres).toBeNull();
});

test('a benefit’s page sends nobody to where it is tested, paused, ended or left out', async () => {
  const benefit = await city.addBenefit({ endsAt: '2090-01-01T00:00:00Z' });
  const { partner } = city.outlet;
  const shown = async () => {
    const answer = phone.get(`/api/benefits/${benefit}`);
    const page = await expectStatus<{ outlets: { id: number }[]; outletCount: number }>(
      answer,
      200,
    );
    expect(page.outletCount).toBe(page.outlets.length);
    return page.outlets.map(({ id }) => id);
  };
  for (const state of ['testing', 'paused', 'ended']) {
    await sql`update benefit_partner set state = ${state} where benefit_id = ${benefit}`;
    expect(await shown()).toEqual([]);
  }
  await sql`
    update benefit_partner set state = 'live', outlet_ids = ${[city.outlet.id]}
    where benefit_id = ${benefit}`;
  expect(await shown()).toEqual([city.outlet.id]);
  await sql`update partner set paused_at = clock(), pause_reason = '检修' where id = ${partner}`;
  expect(await shown()).toEqual([]);
  await sql`update partner set paused_at = null, pause_reason = null where id = ${partner}`;
});

test('a page is there for members only, and only where a benefit is', async () => {
  for (const answer of [
    phone.get('/api/benefits/2147483647'),
    phone.get('/api/benefits/0'),
    till.get(`/api/benefits/${made.everywhere}`),
  ])
    expect(await problemOf(answer)).toMatchObject({ status: 404, code: 'not_found' });
  expect(await problemOf(till.get('/api/benefits'))).toMatchObject({
    status: 403,
    code: 'not_a_member',
  });
});

test('a place travels in a header, coarse, and is never stored or logged', async () => {
  for (const near of [
    '39.9051,116.391',
    '39.905',
    '39.905;116.391',
    '91,0',
    '0,181',
    'NaN,NaN',
    '1e1,2',
    '39.905,116.391,0',
    ' ',
    '３９.９,１１６.３',
  ].map((text) => encodeURI(text)))
    expect(await problemOf(phone.get('/api/benefits', { 'X-Near': near }))).toMatchObject({
      status: 400,
      code: 'invalid_request',
      fields: [{ field: 'x-near' }],
    });
  app.logged.length = 0;
  await list('', '39.123,116.987');
  expect(app.logged.length).toBeGreaterThan(0);
  expect(app.logged.join('\n')).not.toMatch(/39\.123|116\.987/);
});

test('districts are the same for everybody, by their code', async () => {
  const { districts } = await expectStatus<{ districts: { id: number; code: string }[] }>(
    app.browser().get('/api/districts'),
    200,
  );
  expect(districts.map(({ id }) => id).toSorted()).toEqual([home, host].toSorted());
  expect(districts.map(({ code }) => code)).toEqual(districts.map(({ code }) => code).toSorted());
});
