// Risk: somebody gets or keeps a power that nobody above him gave; an ended office, lent office or session still works.
import { randomInt } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import type { Browser } from '../support/app.ts';
import { expectStatus, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { type Console, openConsole, signInSomebody } from '../support/console.ts';
import type { People } from '../../api/people/list.ts';

const { sql } = await createDatabase();

let desk: Console;
let home: number;

beforeEach(async () => {
  desk = await openConsole(sql);
  home = desk.city.unions.home;
});

const newPhone = () => `+8615${String(randomInt(1e9)).padStart(9, '0')}`;
const reason = '工作需要';
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

const invite = (
  by: Browser,
  union: number,
  role: string,
  phone = newPhone(),
  endsAt: string | null = null,
) => by.post(`/api/unions/${union}/invitations`, { phone, name: '新人', role, endsAt, reason });

const people = (by: Browser, union = home) =>
  expectStatus<People>(by.get(`/api/unions/${union}/people`), 200);

/** Invited, signed in, accepted and through the second factor. */
async function appoint(by: Browser, union: number, role: string): Promise<Browser> {
  const phone = newPhone();
  const { id } = await expectStatus<{ id: number }>(invite(by, union, role, phone), 201);
  const person = await desk.app.signIn(phone);
  await expectStatus(person.post(`/api/me/invitations/${id}/answer`, { accept: true }), 200);
  await person.passSecondFactor();
  return person;
}

const officeOf = async ({ userId }: Browser): Promise<number> => {
  const [row] = await sql<{ id: number }[]>`select id from officer where user_id = ${userId}`;
  return row?.id ?? 0;
};

const isInOffice = async (who: Browser, union = home) =>
  (await who.get(`/api/unions/${union}/people`)).status === 200;

test('who is invited sees it when he signs in, and is in office when he accepts', async () => {
  const phone = newPhone();
  await expectStatus(invite(desk.at.home, home, 'finance', phone), 201);
  const person = await desk.app.signIn(phone);
  const { invitations } = await expectStatus<{
    invitations: { id: number; role: string; union: { id: number } }[];
  }>(person.get('/api/session'), 200);
  expect(invitations).toMatchObject([{ role: 'finance', union: { id: home } }]);
  expect(await isInOffice(person)).toBe(false);
  const answer = `/api/me/invitations/${invitations[0]?.id ?? 0}/answer`;
  await expectStatus(person.post(answer, { accept: true }), 200);
  // Without a second factor an office is none.
  expect(await problemOf(person.get('/api/unions'))).toMatchObject({
    code: 'second_factor_required',
  });
  await person.passSecondFactor();
  expect(await isInOffice(person)).toBe(true);
  expect(await problemOf(person.post(answer, { accept: true }))).toMatchObject({
    code: 'invitation_closed',
  });
  const stored = JSON.stringify(await sql`select * from invitation where union_id = ${home}`);
  expect(stored).not.toContain(phone.slice(3));
});

test('an invitation is for its phone alone, and for as long as the inviter could give it', async () => {
  const phone = newPhone();
  const inviter = await appoint(desk.at.city, home, 'administrator');
  const { id } = await expectStatus<{ id: number }>(invite(inviter, home, 'editor', phone), 201);
  const stranger = await signInSomebody(desk.app);
  expect(
    await problemOf(stranger.post(`/api/me/invitations/${id}/answer`, { accept: true })),
  ).toMatchObject({
    code: 'not_found',
  });
  await expectStatus(
    desk.at.city.patch(`/api/officers/${await officeOf(inviter)}`, { isSuspended: true, reason }),
    200,
  );
  const person = await desk.app.signIn(phone);
  expect(
    await problemOf(person.post(`/api/me/invitations/${id}/answer`, { accept: true })),
  ).toMatchObject({
    code: 'invitation_closed',
  });
  expect(await officeOf(person)).toBe(0);
});

test('whose time is over is invited again, and what he had lent stays ended', async () => {
  const phone = newPhone();
  const accept = async () => {
    const { id } = await expectStatus<{ id: number }>(
      invite(desk.at.home, home, 'finance', phone),
      201,
    );
    const person = await desk.app.signIn(phone);
    await expectStatus(person.post(`/api/me/invitations/${id}/answer`, { accept: true }), 200);
    return person;
  };
  const office = await officeOf(await accept());
  await sql`
    insert into delegation (officer_id, user_id, reason, starts_at, ends_at)
    values (${office}, ${desk.at.viewer.userId}, '', '2020-01-01Z', clock() + interval '30 days')`;
  const held = () =>
    sql`select role from offices_held(${desk.at.viewer.userId}) where role = 'finance'`;
  expect(await held()).toHaveLength(1);
  expect(await problemOf(invite(desk.at.home, home, 'finance', phone))).toMatchObject({
    code: 'officer_exists',
  });
  await sql`update officer set starts_at = '2020-01-01Z', ends_at = clock() where id = ${office}`;
  expect(await officeOf(await accept())).toBe(office);
  expect(await held()).toHaveLength(0);
});

test('administrators are named from above, the others by their own union', async () => {
  const { root, homeEnterprise } = desk.city.unions;
  expect(await problemOf(invite(desk.at.home, home, 'administrator'))).toMatchObject({
    code: 'administrator_from_above',
  });
  await expectStatus(invite(desk.at.city, home, 'administrator'), 201);
  await expectStatus(invite(desk.at.home, homeEnterprise, 'administrator'), 201);
  await expectStatus(invite(desk.at.city, root, 'administrator'), 201);
  for (const role of ['finance', 'editor', 'viewer', 'auditor'])
    await expectStatus(invite(desk.at.home, home, role), 201);
  const editor = await appoint(desk.at.home, home, 'editor');
  const office = `/api/officers/${await officeOf(editor)}`;
  expect(
    await problemOf(desk.at.home.patch(office, { role: 'administrator', reason })),
  ).toMatchObject({
    code: 'administrator_from_above',
  });
  await expectStatus(desk.at.city.patch(office, { role: 'administrator', reason }), 200);
  expect(await problemOf(invite(desk.at.city, home, 'viewer', 'x'))).toMatchObject({
    code: 'phone_invalid',
  });
});

test('an administrator from above ends when those above said, and comes back when they say', async () => {
  const ends = inDays(30);
  const phone = newPhone();
  const { id } = await expectStatus<{ id: number }>(
    invite(desk.at.city, home, 'administrator', phone, ends),
    201,
  );
  const guest = await desk.app.signIn(phone);
  await expectStatus(guest.post(`/api/me/invitations/${id}/answer`, { accept: true }), 200);
  await guest.passSecondFactor();
  const path = `/api/officers/${await officeOf(guest)}`;
  const fromAbove = { code: 'administrator_from_above' };
  for (const endsAt of [null, inDays(31)])
    for (const by of [guest, desk.at.home])
      expect(await problemOf(by.patch(path, { endsAt, reason }))).toMatchObject(fromAbove);
  await expectStatus(desk.at.home.patch(path, { endsAt: inDays(29), reason }), 200);
  await expectStatus(desk.at.city.patch(path, { isSuspended: true, reason }), 200);
  expect(await problemOf(desk.at.home.patch(path, { isSuspended: false, reason }))).toMatchObject(
    fromAbove,
  );
  await expectStatus(desk.at.city.patch(path, { isSuspended: false, endsAt: null, reason }), 200);
  expect(await isInOffice(guest)).toBe(true);
});

test('the last administrator stays unless somebody above decides otherwise', async () => {
  const office = `/api/officers/${await officeOf(desk.at.home)}`;
  for (const change of [{ isSuspended: true }, { role: 'viewer' }, { endsAt: inDays(1) }])
    expect(await problemOf(desk.at.home.patch(office, { ...change, reason }))).toMatchObject({
      code: 'last_administrator',
    });
  // Nobody stands above the city.
  const city = `/api/officers/${await officeOf(desk.at.city)}`;
  expect(await problemOf(desk.at.city.patch(city, { isSuspended: true, reason }))).toMatchObject({
    code: 'last_administrator',
  });
  await expectStatus(desk.at.city.patch(office, { isSuspended: true, reason }), 200);
  expect(await isInOffice(desk.at.home)).toBe(false);
});

test('two administrators who put each other out at once: one stays', async () => {
  const second = await appoint(desk.at.city, home, 'administrator');
  const [first, other] = [await officeOf(desk.at.home), await officeOf(second)];
  const out = (by: Browser, office: number) =>
    by.patch(`/api/officers/${office}`, { isSuspended: true, reason });
  const count = async () => {
    const rows = await sql`
      select from officer where union_id = ${home} and role = 'administrator' and suspended_at is null`;
    return rows.length;
  };
  for (let round = 0; round < 5; round += 1) {
    const statuses = (await Promise.all([out(desk.at.home, other), out(second, first)])).map(
      ({ status }) => status,
    );
    expect(statuses.sort()).toEqual([200, 404]);
    expect(await count()).toBe(1);
    await sql`update officer set suspended_at = null where union_id = ${home}`;
  }
});

test('a change of role counts at the next request, and is told with before and after', async () => {
  const editor = await appoint(desk.at.home, home, 'editor');
  const id = await officeOf(editor);
  const pause = async () => {
    const benefit = await desk.city.addBenefit({ union: home });
    return (await editor.post(`/api/benefits/${benefit}/pause`, { reason })).status;
  };
  expect(await pause()).toBe(200);
  await expectStatus(desk.at.home.patch(`/api/officers/${id}`, { role: 'viewer', reason }), 200);
  expect(await pause()).toBe(404);
  expect((await desk.entries('officer', id)).at(-1)).toMatchObject({
    action: 'officer.change',
    reason,
    before: { role: 'editor' },
    after: { role: 'viewer' },
  });
  expect(await isInOffice(editor)).toBe(true);
  await sql`update officer set starts_at = '2020-01-01Z', ends_at = clock() where id = ${id}`;
  expect(await isInOffice(editor)).toBe(false);
});

test('a lent office is never more than the lender’s, is not lent on, and ends with it', async () => {
  const viewer = desk.at.viewer;
  const second = await appoint(desk.at.city, home, 'administrator');
  const office = await officeOf(second);
  const lend = (by: Browser, of: number, to: number, endsAt = inDays(3)) =>
    by.post(`/api/officers/${of}/delegations`, { to, endsAt, reason });
  const benefit = await desk.city.addBenefit({ union: home });
  const pause = async () =>
    (await viewer.post(`/api/benefits/${benefit}/pause`, { reason })).status;

  expect(await pause()).toBe(404);
  const { id } = await expectStatus<{ id: number }>(
    lend(second, office, await officeOf(viewer)),
    201,
  );
  expect(await pause()).toBe(200);
  // A deputy has no charge of people: he could give himself for good what is lent for days.
  expect(await problemOf(invite(viewer, home, 'finance'))).toMatchObject({ code: 'not_found' });
  const third = await appoint(desk.at.home, home, 'viewer');
  for (const to of [await officeOf(third)])
    expect(await problemOf(lend(viewer, office, to))).toMatchObject({ code: 'not_found' });
  expect(await problemOf(lend(second, office, office))).toMatchObject({ code: 'not_found' });
  expect(await problemOf(lend(second, office, await officeOf(desk.at.host)))).toMatchObject({
    code: 'not_found',
  });
  expect(await problemOf(lend(second, office, await officeOf(third), inDays(93)))).toMatchObject({
    code: 'invalid_request',
  });
  expect(await problemOf(lend(second, office, await officeOf(third), inDays(-1)))).toMatchObject({
    code: 'invalid_request',
  });

  const resume = () => viewer.post(`/api/benefits/${benefit}/resume`, { reason });
  const standing = async () => (await viewer.get(`/api/unions/${home}/audit/verification`)).status;
  expect((await resume()).status).toBe(200);
  // With the lender's office, his role and his suspension it ends; then by itself.
  await sql`update officer set role = 'finance' where id = ${office}`;
  expect(await standing()).toBe(404);
  await sql`update officer set role = 'administrator', suspended_at = clock() where id = ${office}`;
  expect(await standing()).toBe(404);
  await sql`update officer set suspended_at = null where id = ${office}`;
  expect(await standing()).toBe(200);
  await expectStatus(second.post(`/api/delegations/${id}/end`, { reason }), 200);
  expect(await standing()).toBe(404);
  expect(await problemOf(second.post(`/api/delegations/${id}/end`, { reason }))).toMatchObject({
    code: 'changed_meanwhile',
  });
  const again = await expectStatus<{ id: number }>(
    lend(second, office, await officeOf(viewer)),
    201,
  );
  expect(await standing()).toBe(200);
  await sql`update delegation set starts_at = '2020-01-01Z', ends_at = clock() where id = ${again.id}`;
  expect(await standing()).toBe(404);
});

test('a union’s people are seen by its officers; open invitations by who has charge of them', async () => {
  await expectStatus(invite(desk.at.home, home, 'auditor'), 201);
  const own = await people(desk.at.home);
  expect(own.officers.map(({ role, isMe }) => [role, isMe])).toEqual([
    ['administrator', true],
    ['viewer', false],
  ]);
  expect(own.invitations).toMatchObject([{ role: 'auditor', name: '新人' }]);
  expect(own.canName).not.toContain('administrator');
  expect((await people(desk.at.city)).canName).toContain('administrator');
  const seen = await people(desk.at.viewer);
  expect([seen.invitations, seen.canChange, seen.canName]).toEqual([[], false, []]);
});

test('sessions are listed and ended one by one, all others, and those of an officer', async () => {
  type List = { sessions: { id: string; isThis: boolean; secondFactorAt: string | null }[] };
  const { userId } = desk.at.viewer;
  const [phone, tablet] = [await desk.app.signInAs(userId), await desk.app.signInAs(userId)];
  const mine = async () => (await expectStatus<List>(phone.get('/api/me/sessions'), 200)).sessions;
  const all = await mine();
  expect(all.map((one) => one.isThis).sort()).toEqual([false, false, true]);
  expect(all.filter((one) => one.secondFactorAt !== null)).toHaveLength(1);

  const [those] = await sql<{ id: string }[]>`
    select id from auth_session where user_id = ${userId} order by created_at desc limit 1`;
  const isIn = async (who: Browser) => (await who.get('/api/me/sessions')).status;
  await expectStatus(phone.request('DELETE', `/api/me/sessions/${those?.id ?? ''}`), 200);
  // Its signed cookie is still fresh.
  expect([await isIn(phone), await isIn(tablet), await isIn(desk.at.viewer)]).toEqual([
    200, 401, 200,
  ]);
  expect(
    await problemOf(phone.request('DELETE', `/api/me/sessions/${those?.id ?? ''}`)),
  ).toMatchObject({
    code: 'not_found',
  });
  await expectStatus(phone.request('DELETE', '/api/me/sessions'), 200);
  expect([await isIn(phone), await isIn(desk.at.viewer)]).toEqual([200, 401]);
  expect(await mine()).toHaveLength(1);

  const office = await officeOf(desk.at.viewer);
  const listed = await expectStatus<List>(
    desk.at.home.get(`/api/officers/${office}/sessions`),
    200,
  );
  expect(listed.sessions).toHaveLength(1);
  await expectStatus(
    desk.at.home.request('DELETE', `/api/officers/${office}/sessions`, { reason }),
    200,
  );
  expect(await isIn(phone)).toBe(401);
  // He may sign in again.
  expect(await isIn(await desk.app.signInAs(userId))).toBe(200);
});

test('a session says what it signed in with, and keeps nothing more of it', async () => {
  const label = async (userAgent: string) => {
    const [person, phoneNumber] = [desk.app.browser(), newPhone()];
    await expectStatus(person.post('/api/auth/phone-number/send-otp', { phoneNumber }), 200);
    const given = { phoneNumber, code: person.lastCode(phoneNumber) };
    const headers = { 'User-Agent': userAgent };
    await expectStatus(person.post('/api/auth/phone-number/verify', given, headers), 200);
    const [row] = await sql<{ label: string }[]>`
      select user_agent as label from auth_session order by created_at desc, id limit 1`;
    return row?.label;
  };
  expect(
    await label(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.50',
    ),
  ).toBe('WeChat · iPhone');
  expect(
    await label(
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0',
    ),
  ).toBe('Edge · Windows');
  expect(await label('<script>')).toBe('');
});

test('streets, industries and enterprises are founded below one’s own union, and renamed from above', async () => {
  const found = (by: Browser, parentId: number, kind: string) =>
    by.post('/api/unions', {
      parentId,
      kind,
      nameZh: '新街道总工会',
      nameEn: 'New street',
      reason,
    });
  const { id } = await expectStatus<{ id: number }>(found(desk.at.home, home, 'street'), 201);
  await expectStatus(found(desk.at.home, id, 'enterprise'), 201);
  for (const [parent, kind] of [
    [desk.city.unions.root, 'street'],
    [desk.city.unions.homeEnterprise, 'enterprise'],
    [id, 'industry'],
  ] as const)
    expect(await problemOf(found(desk.at.city, parent, kind))).toMatchObject({
      code: 'invalid_request',
    });
  expect(await problemOf(found(desk.at.home, desk.city.unions.host, 'street'))).toMatchObject({
    code: 'not_found',
  });
  const rename = (by: Browser, union: number) =>
    by.patch(`/api/unions/${union}`, { nameZh: '改名', nameEn: 'Renamed', reason });
  await expectStatus(rename(desk.at.home, id), 200);
  // Not itself, and no district.
  const administrator = await appoint(desk.at.home, id, 'administrator');
  expect(await problemOf(rename(administrator, id))).toMatchObject({ code: 'not_found' });
  expect(await problemOf(rename(desk.at.city, home))).toMatchObject({ code: 'not_found' });
  const accounts = await sql<
    { kind: string }[]
  >`select kind from account where union_id = ${id} order by kind`;
  expect(accounts.map(({ kind }) => kind)).toEqual(['budget', 'variance']);
});
