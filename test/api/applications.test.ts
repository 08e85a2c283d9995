// Risk: a company becomes a partner without its district's yes, or twice; an application tells a stranger who is one; its
// contact's phone is read by who has no business with it.
import { expect, test } from 'vitest';
import { isLicence } from '../../api/applications/licence.ts';
import type { Browser } from '../support/app.ts';
import { openConsole, signInSomebody } from '../support/console.ts';
import { expectStatus, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const desk = await openConsole(sql);
const { root, home, host, homeEnterprise } = desk.city.unions;

const outletOf = (districtId: number) => ({
  districtId,
  nameZh: '跃泉健身（国贸店）',
  nameEn: 'Yuequan Fitness, Guomao',
  addressZh: '建国路1号',
  addressEn: '1 Jianguo Road',
  latitude: 39.91,
  longitude: 116.46,
  hours: [null, ...Array<object>(6).fill({ opens: 540, closes: 1260 })],
});
/** GB 32100's check character for the serial number of a company. */
const licenceOf = (serial: number) => {
  const body = `91110105MA${String(serial).padStart(7, '0')}`;
  const found = Array.from('0123456789ABCDEFGHJKLMNPQRTUWXY', (last) => body + last);
  return found.find(isLicence) ?? '';
};
let serial = 0;
const wanted = () => ({
  districtId: host,
  kind: 'gym',
  nameZh: '跃泉健身',
  nameEn: 'Yuequan Fitness',
  licence: licenceOf((serial += 1)),
  contactName: '王经理',
  contactPhone: '138 0013 8000',
  outlets: [outletOf(host), outletOf(home)],
});
const submit = (browser: Browser, body: object = wanted()) =>
  expectStatus<{ id: number; version: number }>(browser.post('/api/applications', body), 201);
const decide = (browser: Browser, id: number, body: object) =>
  browser.post(`/api/applications/${id}/decision`, { version: 1, reason: '资料齐全', ...body });

test('a licence is right when GB 32100’s check character is', () => {
  // The first is the standard's own example, the second a well-known company's.
  for (const code of ['91350100M000100Y43', '91110108551385082Q'])
    expect([code, isLicence(code)]).toEqual([code, true]);
  for (const code of ['91350100M000100Y44', '91350100M000100Y4', '91350100I000100Y43', ''])
    expect([code, isLicence(code)]).toEqual([code, false]);
});

test('accepted, a company is a partner of its district with its outlets and its manager', async () => {
  const applicant = await signInSomebody(desk.app);
  const body = wanted();
  const { id } = await submit(applicant, body);
  expect((await decide(desk.at.home, id, { decision: 'accept' })).status).toBe(404);
  const answer = await decide(desk.at.host, id, { decision: 'accept' });
  const { partnerId } = await expectStatus<{ partnerId: number }>(Promise.resolve(answer), 200);
  const read = await expectStatus(desk.at.host.get(`/api/partners/${partnerId}`), 200);
  expect(read).toMatchObject({
    nameZh: '跃泉健身',
    licence: body.licence,
    state: 'live',
    union: { id: host },
    outlets: [{ district: { id: host } }, { district: { id: home } }],
  });
  const { operators } = await expectStatus<{ operators: object[] }>(
    applicant.get('/api/operators'),
    200,
  );
  expect(operators).toMatchObject([{ role: 'manager', name: '王经理' }]);
  expect(await desk.entries('application', id)).toMatchObject([
    { action: 'application.accept', union_id: host, after: { partnerId } },
  ]);
  expect(await problemOf(decide(desk.at.host, id, { decision: 'decline' }))).toMatchObject({
    code: 'changed_meanwhile',
  });
});

test('nobody decides his own', async () => {
  const { id } = await submit(desk.at.host);
  const problem = await problemOf(decide(desk.at.host, id, { decision: 'accept' }));
  expect(problem).toMatchObject({ status: 403, code: 'application_own' });
});

test('of many who decide at once, one does', async () => {
  const { id } = await submit(await signInSomebody(desk.app));
  const answers = await Promise.all(
    (['accept', 'decline', 'accept', 'ask', 'accept', 'decline'] as const).map((decision) =>
      decide(desk.at.host, id, { decision }),
    ),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
  expect(await desk.entries('application', id)).toHaveLength(1);
});

test('one licence is one partner, and applying does not tell whose it is', async () => {
  const body = wanted();
  const first = await submit(await signInSomebody(desk.app), body);
  await expectStatus(decide(desk.at.host, first.id, { decision: 'accept' }), 200);
  const second = await submit(await signInSomebody(desk.app), body);
  const read = await expectStatus(desk.at.host.get(`/api/applications/${second.id}`), 200);
  expect(read).toMatchObject({ existing: { nameZh: '跃泉健身' }, canDecide: true });
  expect(await problemOf(decide(desk.at.host, second.id, { decision: 'accept' }))).toMatchObject({
    code: 'partner_exists',
  });
  const [left] = await sql`select state from application where id = ${second.id}`;
  expect(left).toEqual({ state: 'submitted' });
});

test('asked back, the applicant answers over what he was asked, or withdraws', async () => {
  const applicant = await signInSomebody(desk.app);
  const { id } = await submit(applicant);
  const ask = { decision: 'ask', reason: '请补充营业时间' };
  await expectStatus(decide(desk.at.host, id, ask), 200);
  const { applications } = await expectStatus<{ applications: { version: number }[] }>(
    applicant.get('/api/me/applications'),
    200,
  );
  expect(applications).toMatchObject([{ id, state: 'asked', reason: ask.reason, version: 2 }]);
  const answer = { ...wanted(), nameZh: '跃泉运动' };
  const path = `/api/me/applications/${id}`;
  expect((await applicant.put(path, { ...answer, version: 1 })).status).toBe(409);
  const stranger = await signInSomebody(desk.app);
  expect((await stranger.put(path, { ...answer, version: 2 })).status).toBe(404);
  expect((await stranger.delete(path)).status).toBe(404);
  await expectStatus(applicant.put(path, { ...answer, version: 2 }), 200);
  const read = await expectStatus(desk.at.host.get(`/api/applications/${id}`), 200);
  expect(read).toMatchObject({ nameZh: '跃泉运动', state: 'submitted', version: 3 });
  await expectStatus(applicant.delete(path), 200);
  expect((await decide(desk.at.host, id, { decision: 'accept', version: 4 })).status).toBe(409);
});

test('three are open at once, however fast they are sent, and five come in a day', async () => {
  const applicant = await signInSomebody(desk.app);
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => applicant.post('/api/applications', wanted())),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([
    ...Array<number>(3).fill(201),
    ...Array<number>(9).fill(429),
  ]);
  expect(answers.find(({ status }) => status === 429)?.headers.get('Retry-After')).toBe('86400');
  const clear = () => sql`
    update application set state = 'declined', decided_at = clock() where user_id = ${applicant.userId}`;
  await clear();
  for (let i = 0; i < 2; i += 1) await submit(applicant);
  await clear();
  expect((await applicant.post('/api/applications', wanted())).status).toBe(429);
});

test('an application is for the officers of its district, with its contact; a list has no phone', async () => {
  const { id } = await submit(await signInSomebody(desk.app));
  const read = await expectStatus(desk.at.host.get(`/api/applications/${id}`), 200);
  expect(read).toMatchObject({ contactName: '王经理', contactPhone: '+8613800138000' });
  expect(await expectStatus(desk.at.city.get(`/api/applications/${id}`), 200)).toMatchObject({
    canDecide: true,
  });
  expect((await desk.at.home.get(`/api/applications/${id}`)).status).toBe(404);
  type Page = { applications: { id: number }[]; next: number | null };
  const list = (browser: Browser, query = '') =>
    expectStatus<Page>(browser.get(`/api/applications${query}`), 200);
  expect((await list(desk.at.home)).applications).toEqual([]);
  const whole = await list(desk.at.host, '?limit=200');
  expect(JSON.stringify(whole)).not.toMatch(/138|王经理/);
  const first = await list(desk.at.host, '?limit=1');
  const rest = await list(desk.at.host, `?limit=200&after=${first.next ?? 0}`);
  expect([...first.applications, ...rest.applications]).toEqual(whole.applications);
  expect((await list(desk.at.city, `?union=${home}`)).applications).toEqual([]);
  const declined = await list(desk.at.host, '?state=declined&limit=200');
  expect(declined.applications.some((one) => one.id === id)).toBe(false);
});

test('what an application cannot be is refused by field, and nothing is kept', async () => {
  const applicant = await signInSomebody(desk.app);
  const before = await sql`select count(*) from application`;
  const fieldOf = async (body: object) => {
    const answer = await problemOf(applicant.post('/api/applications', { ...wanted(), ...body }));
    return (answer['fields'] as { field: string }[] | undefined)?.[0]?.field ?? answer.code;
  };
  expect(await fieldOf({ licence: '91350100M000100Y44' })).toBe('licence');
  expect(await fieldOf({ districtId: root })).toBe('districtId');
  expect(await fieldOf({ districtId: homeEnterprise })).toBe('districtId');
  expect(await fieldOf({ outlets: [outletOf(host), outletOf(root)] })).toBe('outlets.1.districtId');
  expect(await fieldOf({ outlets: [] })).toBe('outlets');
  expect(await fieldOf({ outlets: [{ ...outletOf(host), latitude: 90.1 }] })).toBe(
    'outlets.0.latitude',
  );
  expect(await fieldOf({ outlets: [{ ...outletOf(host), hours: [null] }] })).toBe(
    'outlets.0.hours',
  );
  expect(await fieldOf({ contactPhone: '+44 20 7946 0000' })).toBe('phone_invalid');
  expect(await fieldOf({ nameZh: ' \u200b' })).toBe('nameZh');
  expect(await fieldOf({ partnerId: 1 })).toBe('');
  expect(await sql`select count(*) from application`).toEqual(before);
});
