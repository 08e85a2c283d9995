// Risk: who came is not counted, is counted twice, or is said to have come by who may not say so.
import { expect, test } from 'vitest';
import type { Attendance, Seen } from '../../api/claims/attendance.ts';
import { setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { openConsole } from '../support/console.ts';
import { expectStatus, openCounter, passOf, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { addGathering, claimFor, type Door } from '../support/door.ts';
import { giveIdNumber } from '../support/id-card.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city, till } = counter;
const desk = await openConsole(sql, counter);
staysConsistent(sql);

const scan = (session: number, pass: string, more: object = {}, from = desk.at.home) =>
  from.post(`/api/claim-sessions/${session}/attendance`, { pass, ...more });
const tick = (claim: string, body: object = {}) =>
  desk.at.home.post(`/api/claims/${claim}/attendance`, body);
const untick = (claim: string, body: object = {}) =>
  desk.at.home.delete(`/api/claims/${claim}/attendance`, body);
const doorOf = (session: number) =>
  expectStatus<Door>(desk.at.home.get(`/api/claim-sessions/${session}/door`), 200);
const code = async (answer: Promise<Response>) => (await problemOf(answer)).code;

/** The session, of two hours, ended so many minutes ago. */
const endedAgo = (session: number, minutes: number) => sql`
  update session set starts_at = clock() - make_interval(mins => ${minutes + 120}),
    ends_at = clock() - make_interval(mins => ${minutes})
  where id = ${session}`;

async function countsOf(benefit: number) {
  const [row] = await sql`
    select a.used, a.claimed, s.taken from allocation a join session s using (benefit_id)
    where a.benefit_id = ${benefit}`;
  return row;
}

test('a card at the door checks its member in once, with all he brings, and nothing is booked', async () => {
  const { benefit, session } = await addGathering(city);
  const holder = await counter.addHolder({ name: '王小花' });
  const claim = await claimFor(city, holder, { benefit, session }, 3);
  const { url } = await passOf(holder);
  const first = await expectStatus<Seen>(scan(session, url), 200);
  expect(first).toMatchObject({
    outcome: 'attended',
    maskedName: '王＊',
    claim,
    quantity: 3,
    walkIn: null,
  });
  expect(await countsOf(benefit)).toEqual({ used: 3, claimed: 0, taken: 3 });
  const again = await expectStatus<Seen>(scan(session, url), 200);
  expect(again).toMatchObject({ outcome: 'already_in', quantity: 3, at: first.at });
  expect(await countsOf(benefit)).toEqual({ used: 3, claimed: 0, taken: 3 });
  expect(await sql`select from redemption where benefit_id = ${benefit}`).toHaveLength(0);
  const told = await sql`
    select before, state, by from claim_event where claim_id = ${claim} order by id desc limit 1`;
  expect(told).toEqual([{ before: 'confirmed', state: 'used', by: desk.at.home.userId }]);
});

test('who has no claim there is told so, and an old pass or another’s card counts for nobody', async () => {
  const { benefit, session } = await addGathering(city);
  const other = await addGathering(city);
  const holder = await counter.addHolder();
  await claimFor(city, holder, other);
  const { url } = await passOf(holder);
  expect(await expectStatus<Seen>(scan(session, url), 200)).toMatchObject({
    outcome: 'claim_needed',
    claim: null,
    walkIn: null,
  });
  await setClock(sql, new Date(Date.now() + 120_000).toISOString());
  expect(await code(scan(session, url))).toBe('pass_expired');
  await setClock(sql, null);
  expect(await code(scan(session, 'HTTPS://ELSEWHERE/Q/ABC'))).toBe('pass_invalid');
  expect(await code(scan(session, url, {}, desk.at.host))).toBe('not_found');
  expect(await code(scan(session, url, {}, desk.at.viewer))).toBe('not_found');
  expect(await code(scan(session, url, {}, till))).toBe('not_found');
  expect(await countsOf(benefit)).toEqual({ used: 0, claimed: 0, taken: 0 });
});

test('a typed short code does as well, and a printed card only beside the ID card', async () => {
  const where = await addGathering(city);
  const { session } = where;
  const holder = await counter.addHolder();
  await claimFor(city, holder, where);
  const { code: short } = await passOf(holder);
  const typed = desk.at.home.post(`/api/claim-sessions/${session}/attendance`, { code: short });
  expect(await expectStatus<Seen>(typed, 200)).toMatchObject({ outcome: 'attended' });

  const elder = await city.addMember({ name: '老人家' });
  await sql`delete from card where cell = ${elder.cell} and member_id = ${elder.id}`;
  const number = await giveIdNumber(sql, elder);
  await claimFor(city, elder, where);
  const { card } = await expectStatus<{ card: { content: string } }>(
    desk.at.home.put(`/api/members/${elder.id}/printed-card`, { reason: '没有手机' }),
    200,
  );
  expect(await code(scan(session, card.content))).toBe('id_check_required');
  // Nobody guesses at an ID card at a door that is not his.
  expect(await code(scan(session, card.content, { idLastFour: '0000' }, desk.at.host))).toBe(
    'not_found',
  );
  const shown = scan(session, card.content, { idLastFour: number.slice(-4) });
  expect(await expectStatus<Seen>(shown, 200)).toMatchObject({
    outcome: 'attended',
    maskedName: '老＊',
  });
});

test('a tick by hand can be taken back until the session is finished, and is told to the member', async () => {
  const where = await addGathering(city);
  const { benefit, session } = where;
  const [came, stayed] = [await city.addMember(), await city.addMember({ name: '陈一' })];
  const claim = await claimFor(city, came, where, 2);
  const other = await claimFor(city, stayed, where);
  const attended = await expectStatus<Attendance>(tick(claim, { reason: '没带手机' }), 200);
  expect(attended).toMatchObject({ state: 'used', quantity: 2 });
  expect(await expectStatus<Attendance>(tick(claim), 200)).toEqual(attended);
  expect(await doorOf(session)).toMatchObject({ expected: 3, in: 2 });
  expect(await expectStatus<Attendance>(untick(claim, { reason: '点错了' }), 200)).toMatchObject({
    state: 'confirmed',
    at: null,
  });
  expect(await expectStatus<Attendance>(untick(claim), 200)).toMatchObject({ state: 'confirmed' });
  expect(await countsOf(benefit)).toEqual({ used: 0, claimed: 3, taken: 3 });
  await expectStatus(tick(claim), 200);
  const reasons = await sql<{ reason: string | null }[]>`
    select reason from claim_event where claim_id = ${claim} order by id`;
  expect(reasons.map(({ reason }) => reason)).toEqual([null, '没带手机', '点错了', null]);

  await endedAgo(session, 119);
  await expectStatus(untick(claim), 200);
  await expectStatus(tick(claim), 200);
  await endedAgo(session, 120);
  expect(await code(untick(claim))).toBe('claim_not_now');
  expect(await code(tick(other))).toBe('claim_not_now');
  expect(await doorOf(session)).toMatchObject({
    claims: [
      { canAttend: false, canUndo: false },
      { canAttend: false, canUndo: false },
    ],
  });
  await sql`select finish_sessions()`;
  expect(await code(tick(other))).toBe('claim_ended');
  expect(await doorOf(session)).toMatchObject({ expected: 3, in: 2 });
});

test('the door does not open early, and what a partner is paid for is not ticked', async () => {
  const early = await addGathering(city, { doorMinutes: 5 });
  const member = await city.addMember();
  const before = await claimFor(city, member, early);
  expect(await code(tick(before))).toBe('claim_not_now');
  const { startsAt, doorAt } = await doorOf(early.session);
  expect(Date.parse(startsAt ?? '') - Date.parse(doorAt ?? '')).toBe(5 * 60_000);

  const paid = await addGathering(city, { outlet: city.outlet.id });
  const claim = await claimFor(city, member, paid);
  expect(await code(tick(claim))).toBe('attendance_at_partner');
  expect(await doorOf(paid.session)).toMatchObject({
    isAtPartner: true,
    claims: [{ canAttend: false }],
  });
  const priced = await addGathering(city, { price: 4500 });
  expect(await code(tick(await claimFor(city, member, priced)))).toBe('attendance_at_partner');
});

test('what was ticked cannot be cancelled by the member, and what he cancelled cannot be ticked', async () => {
  const where = await addGathering(city);
  const holder = await counter.addHolder();
  const claim = await claimFor(city, holder, where);
  await expectStatus(tick(claim), 200);
  expect(await code(holder.phone.post(`/api/claims/${claim}/cancellation`))).toBe('claim_used');
  await expectStatus(untick(claim), 200);
  await expectStatus(holder.phone.post(`/api/claims/${claim}/cancellation`), 200);
  expect(await code(tick(claim))).toBe('claim_ended');
});
