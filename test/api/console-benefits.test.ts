// Risk: an administrator changes what is not his, a change goes unrecorded, or overwrites another's.
import { expect, test } from 'vitest';
import { openConsole, signInSomebody } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const desk = await openConsole(sql);
const { root, home, host, homeEnterprise, hostEnterprise } = desk.city.unions;

const terms = {
  kind: 'cinema',
  titleZh: '电影票',
  titleEn: 'A film',
  summaryZh: '任选一场',
  summaryEn: 'Any show',
  priceFen: 3000,
  faceValueFen: 4500,
  startsAt: '2026-01-01T00:00:00+08:00',
  endsAt: '2027-01-01T00:00:00+08:00',
  weekdays: [1, 2, 3],
  opensMinute: 540,
  closesMinute: 1320,
  audience: { unions: [homeEnterprise], age: { min: 18 }, tags: ['夜班'] },
  validDistricts: [host],
  quantityMax: 2,
  limitCount: 4,
  limitPeriod: 'month',
  cap: 100,
};

async function create(): Promise<number> {
  const made = await desk.at.home.post(`/api/unions/${home}/benefits`, {
    ...terms,
    reason: '新年福利',
  });
  expect(made.status).toBe(201);
  const { id, version } = (await made.json()) as { id: number; version: number };
  expect(version).toBe(1);
  return id;
}

test('an administrator sees the unions of his scope and no others', async () => {
  const answer = await desk.at.home.get('/api/unions');
  const { unions } = (await answer.json()) as { unions: { id: number; canAdminister: boolean }[] };
  expect(unions.map(({ id, canAdminister }) => [id, canAdminister])).toEqual([
    [home, true],
    [homeEnterprise, true],
  ]);
  const viewed = await desk.at.viewer.get('/api/unions?levelMax=2');
  expect(await viewed.json()).toMatchObject({ unions: [{ id: home, canAdminister: false }] });
});

test('an officer of an enterprise finds his union, however short the list he asks for', async () => {
  const officer = await signInSomebody(desk.app);
  await sql`
    insert into officer (user_id, union_id, role)
    values (${officer.userId}, ${homeEnterprise}, 'administrator')`;
  await officer.passSecondFactor();
  const answer = await officer.get('/api/unions?levelMax=3');
  expect(await answer.json()).toMatchObject({ unions: [{ id: homeEnterprise, level: 4 }] });
});

test('what was made is read back as it was written, and its entry says who and why', async () => {
  const id = await create();
  const answer = await desk.at.viewer.get(`/api/benefits/${id}/terms`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({
    ...terms,
    claimKind: null,
    startsAt: '2025-12-31T16:00:00.000Z',
    endsAt: '2026-12-31T16:00:00.000Z',
    id,
    version: 1,
    offline: null,
    limitDays: null,
    limitFamily: false,
    printedLimit: 1,
    quotaPeriod: 'total',
    funding: null,
    stage: 'published',
    heldBy: null,
    heldReason: null,
    union: { id: home, nameZh: expect.any(String), nameEn: expect.any(String) },
    pausedAt: null,
    pauseReason: null,
    partners: [],
    canEdit: false,
    isProposed: false,
    canRestrict: false,
  });
  expect(await desk.entries('benefit', id)).toMatchObject([
    {
      user_id: desk.at.home.userId,
      union_id: home,
      action: 'benefit.create',
      reason: '新年福利',
      before: null,
      after: { priceFen: 3000, audience: terms.audience },
    },
  ]);
});

test('a union above restricts what one below publishes, and both see by whom and why', async () => {
  const id = await create();
  const at = `/api/benefits/${id}`;
  const seen = async (who: 'city' | 'home') =>
    (await (await desk.at[who].get(`${at}/terms`)).json()) as Record<string, unknown>;
  const hold = async (who: 'city' | 'home', isHeld: boolean, reason: string) => {
    const { version } = await seen(who);
    return (await desk.at[who].patch(`${at}/terms`, { version, isHeld, reason })).status;
  };
  expect(await seen('city')).toMatchObject({ canEdit: true, canRestrict: true });
  expect(await seen('home')).toMatchObject({ canEdit: true, canRestrict: false });
  expect(await hold('home', true, '自限')).toBe(404);

  expect(await hold('city', true, '票价待核')).toBe(200);
  const restricted = { heldBy: { id: root }, heldReason: '票价待核' };
  expect(await seen('city')).toMatchObject({ ...restricted, canEdit: true, canRestrict: true });
  expect(await seen('home')).toMatchObject({ ...restricted, canEdit: false, canRestrict: false });
  const listed = await (await desk.at.home.get(`/api/unions/${home}/benefits`)).json();
  expect(listed).toMatchObject({
    benefits: expect.arrayContaining([expect.objectContaining({ id, canEdit: false })]),
  });
  expect(await hold('home', false, '自解')).toBe(404);
  expect((await desk.at.home.post(`${at}/pause`, { reason: '自停' })).status).toBe(404);

  expect(await hold('city', false, '已核')).toBe(200);
  expect(await seen('home')).toMatchObject({ heldBy: null, heldReason: null, canEdit: true });
});

test('a pause from above holds as long as it lasts, and longer where it is made a restriction', async () => {
  const id = await create();
  const at = `/api/benefits/${id}`;
  const paused = await desk.at.city.post(`${at}/pause`, { reason: '停用' });
  const { version } = (await paused.json()) as { version: number };
  const read = async () => (await (await desk.at.home.get(`${at}/terms`)).json()) as object;
  expect(await read()).toMatchObject({ heldBy: { id: root }, heldReason: null });
  const restrict = { version, isHeld: true, reason: '待核' };
  expect((await desk.at.city.patch(`${at}/terms`, restrict)).status).toBe(200);
  expect(await read()).toMatchObject({ heldBy: { id: root }, heldReason: '待核' });
  expect((await desk.at.city.post(`${at}/resume`, { reason: '恢复' })).status).toBe(200);
  expect(await read()).toMatchObject({ heldBy: { id: root }, canEdit: false });
});

test('a change records what it changed and nothing else', async () => {
  const id = await create();
  const change = { version: 1, reason: '涨价', priceFen: 3500, weekdays: [1, 2, 3] };
  const changed = await desk.at.city.patch(`/api/benefits/${id}/terms`, change);
  expect(await changed.json()).toEqual({ id, version: 2 });
  const [, entry] = await desk.entries('benefit', id);
  expect(entry).toMatchObject({
    user_id: desk.at.city.userId,
    reason: '涨价',
    before: { priceFen: 3000 },
    after: { priceFen: 3500 },
  });
  expect(Object.keys(entry?.['after'] as object)).toEqual(['priceFen']);
});

test('a change that changes nothing leaves version and audit alone', async () => {
  const id = await create();
  const { audience, startsAt } = terms;
  const same = { version: 1, reason: '手滑', audience, startsAt };
  const answer = await desk.at.home.patch(`/api/benefits/${id}/terms`, same);
  expect(await answer.json()).toEqual({ id, version: 1 });
  expect(await desk.entries('benefit', id)).toHaveLength(1);
});

test('of two who changed the same version, one is told to look again', async () => {
  const id = await create();
  const answers = await Promise.all(
    [3100, 3200, 3300, 3400].map((priceFen) =>
      desk.at.home.patch(`/api/benefits/${id}/terms`, { version: 1, reason: '涨价', priceFen }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  const refused = answers.find(({ status }) => status === 409);
  expect(await refused?.json()).toMatchObject({ code: 'changed_meanwhile', version: 2 });
  expect(await desk.entries('benefit', id)).toHaveLength(2);
});

test('terms that contradict what is already there are refused by field', async () => {
  const id = await create();
  const refusal = async (change: object) => {
    const answer = await desk.at.home.patch(`/api/benefits/${id}/terms`, {
      version: 1,
      reason: '改',
      ...change,
    });
    expect(answer.status).toBe(400);
    const { fields } = (await answer.json()) as { fields: { field: string }[] };
    return fields.map(({ field }) => field);
  };
  expect(await refusal({ priceFen: 4501 })).toEqual(['faceValueFen']);
  expect(await refusal({ endsAt: '2026-01-01T00:00:00+08:00' })).toEqual(['endsAt']);
  expect(await refusal({ closesMinute: 540 })).toEqual(['closesMinute']);
  expect(await refusal({ audience: { unions: [hostEnterprise] } })).toEqual(['audience.unions']);
  expect(await refusal({ audience: { unions: [2_000_000_000] } })).toEqual(['audience.unions']);
  expect(await refusal({ validDistricts: [root] })).toEqual(['validDistricts']);
  expect(await refusal({ audience: { age: { min: 60, max: 18 } } })).toEqual(['audience.age']);
  expect(await desk.entries('benefit', id)).toHaveLength(1);
});

test('a benefit pauses and resumes once each, with a reason', async () => {
  const id = await create();
  const paused = await desk.at.home.post(`/api/benefits/${id}/pause`, { reason: '影院检修' });
  expect(await paused.json()).toEqual({ id, version: 2, pausedAt: expect.any(String) });
  const again = await desk.at.home.post(`/api/benefits/${id}/pause`, { reason: '影院检修' });
  expect(await again.json()).toMatchObject({ code: 'changed_meanwhile', version: 2 });
  const resumed = await desk.at.home.post(`/api/benefits/${id}/resume`, { reason: '修好了' });
  expect(await resumed.json()).toEqual({ id, version: 3, pausedAt: null });
  const entries = await desk.entries('benefit', id);
  expect(entries.map(({ action }) => action)).toEqual([
    'benefit.create',
    'benefit.pause',
    'benefit.resume',
  ]);
  expect(entries[1]).toMatchObject({ after: { pauseReason: '影院检修' } });
});

test('a city benefit shows a district its own places and the shared ones, read-only but for its own', async () => {
  const id = await desk.addCityBenefit();
  const list = async (browser: typeof desk.at.home, union: number) => {
    const answer = await browser.get(`/api/unions/${union}/benefits`);
    const { benefits } = (await answer.json()) as {
      benefits: { id: number; canEdit: boolean; allocations: object[] }[];
    };
    return benefits.find((benefit) => benefit.id === id);
  };
  expect(await list(desk.at.home, home)).toMatchObject({
    canEdit: false,
    allocations: [
      { districtId: home, cap: 10, used: 0, canEdit: true },
      { districtId: null, cap: 10, used: 0, canEdit: false },
    ],
  });
  expect(await list(desk.at.viewer, home)).toMatchObject({
    allocations: [
      { districtId: home, canEdit: false },
      { districtId: null, canEdit: false },
    ],
  });
  expect((await list(desk.at.city, root))?.allocations).toHaveLength(3);
  expect(await list(desk.at.home, homeEnterprise)).toBeUndefined();
  const change = { version: 1, reason: '试试', priceFen: 1 };
  expect((await desk.at.home.patch(`/api/benefits/${id}/terms`, change)).status).toBe(404);
});

test('text that only looks dangerous is kept as it is, in one normal form', async () => {
  const made = await desk.at.home.post(`/api/unions/${home}/benefits`, {
    ...terms,
    reason: '改',
    titleZh: '  𠮷野家<img src=x onerror=alert(1)>  ',
    titleEn: "Cafe\u0301 '); drop table benefit; --",
  });
  const { id } = (await made.json()) as { id: number };
  const read = await desk.at.home.get(`/api/benefits/${id}/terms`);
  expect(await read.json()).toMatchObject({
    titleZh: '𠮷野家<img src=x onerror=alert(1)>',
    titleEn: "Caf\u00e9 '); drop table benefit; --",
  });
});
