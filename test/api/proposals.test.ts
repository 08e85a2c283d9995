// Risk: money that takes two persons is moved by one; or what was confirmed is not what was proposed.
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Browser } from '../support/app.ts';
import { expectStatus, problemOf } from '../support/counter.ts';
import { type Console, openConsole, signInSomebody } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';

const database = await createDatabase();
const { sql } = database;

let desk: Console;
let home: number;
/** A second administrator of the home district. */
let second: Browser;

beforeEach(async () => {
  desk = await openConsole(sql);
  home = desk.city.unions.home;
  second = await officer('administrator');
});

afterEach(async () => {
  // Whatever was tried: a change has two names exactly where it took two.
  const wrong = await sql`
    select from audit_entry where action = 'threshold.set'
      and ((after ->> 'twoPersonFen')::bigint > (before ->> 'twoPersonFen')::bigint) <> (confirmed_by is not null)`;
  expect(wrong).toHaveLength(0);
});

const reason = '年度预算需要';

async function officer(role: string, union = home): Promise<Browser> {
  const browser = await signInSomebody(desk.app);
  await sql`insert into officer (user_id, union_id, role) values (${browser.userId}, ${union}, ${role})`;
  await browser.passSecondFactor();
  return browser;
}

const threshold = async () => {
  const [row] = await sql<
    { fen: number }[]
  >`select two_person_fen as fen from trade_union where id = ${home}`;
  return row?.fen;
};

const raise = async (by: Browser, twoPersonFen = 5_000_000): Promise<number> => {
  const { proposal } = await expectStatus<{ proposal: { id: number } }>(
    by.put(`/api/unions/${home}/threshold`, { twoPersonFen, reason }),
    202,
  );
  return proposal.id;
};

const confirm = (by: Browser, id: number) => by.post(`/api/proposals/${id}/confirmation`, {});

type View = { id: number; state: string; obstacle: string | null; isOwn: boolean };

const listed = async (by: Browser, query = '') =>
  (await expectStatus<{ proposals: View[] }>(by.get(`/api/proposals${query}`), 200)).proposals;

test('lowering counts at once, raising waits for a second person, and both are named', async () => {
  await expectStatus(
    desk.at.home.put(`/api/unions/${home}/threshold`, { twoPersonFen: 400_000, reason }),
    200,
  );
  expect(await threshold()).toBe(400_000);
  const id = await raise(desk.at.home);
  expect(await threshold()).toBe(400_000);
  expect(await listed(second)).toMatchObject([{ id, state: 'open', obstacle: null, isOwn: false }]);
  expect(await listed(desk.at.home)).toMatchObject([{ id, obstacle: 'own', isOwn: true }]);
  await expectStatus(confirm(second, id), 200);
  expect(await threshold()).toBe(5_000_000);
  const entries = await sql`
    select user_id, confirmed_by, before, after from audit_entry
    where subject = 'union' and subject_id = ${String(home)} order by id`;
  expect(entries.at(-1)).toEqual({
    user_id: desk.at.home.userId,
    confirmed_by: second.userId,
    before: { twoPersonFen: 400_000 },
    after: { twoPersonFen: 5_000_000 },
  });
  expect(await listed(second, '?state=open')).toEqual([]);
  expect(await listed(second, '?state=decided')).toMatchObject([{ id, state: 'confirmed' }]);
});

test('nobody confirms what he proposed, in no session and by no other office', async () => {
  const id = await raise(desk.at.home);
  expect(await problemOf(confirm(desk.at.home, id))).toMatchObject({ code: 'proposal_own' });
  const other = await desk.app.signInAs(desk.at.home.userId);
  await other.passSecondFactor();
  expect(await problemOf(confirm(other, id))).toMatchObject({ code: 'proposal_own' });
  await sql`
    insert into officer (user_id, union_id, role)
    values (${desk.at.home.userId}, ${desk.city.unions.root}, 'administrator')`;
  expect(await problemOf(confirm(desk.at.home, id))).toMatchObject({ code: 'proposal_own' });
  // Nor does the database let it stand.
  await expect(
    sql`update proposal set state = 'confirmed', decided_by = proposed_by, decided_at = now() where id = ${id}`,
  ).rejects.toThrow(/proposal_by_another/);
  expect(await threshold()).toBe(1_000_000);
});

test('one office lent to another person is not two offices', async () => {
  await sql`update proposal set state = 'stale', decided_by = 'x', decided_at = now() where state = 'open'`;
  const lender = await officer('finance');
  const borrower = await officer('viewer');
  await sql`
    insert into delegation (officer_id, user_id, reason, starts_at, ends_at)
    select id, ${borrower.userId}, '', '2020-01-01Z', clock() + interval '1 day' from officer
    where user_id = ${lender.userId}`;
  const propose = async (by: Browser) => {
    const [row] = await sql<{ id: number }[]>`
      insert into proposal (union_id, action, subject, subject_id, subject_version, payload, amount_fen,
        reason, proposed_by, proposed_at, expires_at)
      values (${home}, 'budget.set', 'union', ${home}, '1', '{}', 1, '', ${by.userId}, clock(), clock() + interval '1 day')
      returning id`;
    return row?.id ?? 0;
  };
  expect(await problemOf(confirm(borrower, await propose(lender)))).toMatchObject({
    code: 'proposal_own',
  });
  expect(await problemOf(confirm(lender, await propose(borrower)))).toMatchObject({
    code: 'proposal_own',
  });
});

test('terms whose money is another district’s are proposed from the benefit’s union', async () => {
  const benefit = await desk.city.addBenefit({ union: home });
  const propose = async () => {
    const [row] = await sql<{ id: number }[]>`
      insert into proposal (union_id, action, subject, subject_id, subject_version, payload, amount_fen,
        reason, proposed_by, proposed_at, expires_at)
      values (${desk.city.unions.host}, 'admission.set', 'benefit', ${benefit}, '-', '{}', 1, '',
        ${desk.at.home.userId}, clock(), clock() + interval '1 day')
      returning id`;
    return row?.id ?? 0;
  };
  const id = await propose();
  expect(await listed(desk.at.host)).toMatchObject([{ id, obstacle: null }]);
  expect(await listed(desk.at.home)).toMatchObject([{ id, obstacle: 'own' }]);
  expect(await problemOf(confirm(second, id))).toMatchObject({ code: 'not_found' });
  await sql`update officer set role = 'finance' where user_id = ${desk.at.home.userId}`;
  expect(await problemOf(confirm(desk.at.host, id))).toMatchObject({ code: 'proposal_stale' });
  await sql`update officer set role = 'editor' where user_id = ${desk.at.home.userId}`;
  // It gets as far as what is proposed, which is nothing here.
  expect(await problemOf(confirm(desk.at.host, await propose()))).toMatchObject({
    code: 'internal_error',
  });
});

test('who may not confirm is told what he is told of a missing one', async () => {
  const id = await raise(desk.at.home);
  for (const role of ['viewer', 'editor', 'auditor', 'finance'])
    expect(await problemOf(confirm(await officer(role), id))).toMatchObject({ code: 'not_found' });
  expect(await problemOf(confirm(desk.at.host, id))).toMatchObject({ code: 'not_found' });
  expect(await listed(desk.at.host)).toEqual([]);
  expect(await listed(desk.at.viewer)).toEqual([]);
  // A deputy has no charge of people, so not of this.
  const deputy = await officer('viewer');
  await sql`
    insert into delegation (officer_id, user_id, reason, starts_at, ends_at)
    select id, ${deputy.userId}, '', '2020-01-01Z', clock() + interval '1 day' from officer
    where user_id = ${second.userId}`;
  expect(await problemOf(confirm(deputy, id))).toMatchObject({ code: 'not_found' });
  await sql`update officer set suspended_at = clock() where user_id = ${second.userId}`;
  expect(await problemOf(confirm(second, id))).toMatchObject({ code: 'not_found' });
  await expectStatus(confirm(desk.at.city, id), 200);
});

test('who proposed and left office in between has proposed nothing', async () => {
  for (const leave of [
    () => sql`update officer set suspended_at = clock() where user_id = ${second.userId}`,
    () =>
      sql`update officer set suspended_at = null, role = 'viewer' where user_id = ${second.userId}`,
    () =>
      sql`update officer set role = 'administrator', starts_at = '2020-01-01Z', ends_at = clock() where user_id = ${second.userId}`,
  ]) {
    await sql`update officer set suspended_at = null, ends_at = null, role = 'administrator' where user_id = ${second.userId}`;
    const id = await raise(second);
    await leave();
    expect(await problemOf(confirm(desk.at.home, id))).toMatchObject({ code: 'proposal_stale' });
    expect(await problemOf(confirm(desk.at.home, id))).toMatchObject({ code: 'proposal_closed' });
  }
  expect(await threshold()).toBe(1_000_000);
});

test('what changed in between is not overwritten', async () => {
  const [first, other] = [
    await raise(desk.at.home, 2_000_000),
    await raise(desk.at.home, 3_000_000),
  ];
  await expectStatus(confirm(second, first), 200);
  expect(await problemOf(confirm(second, other))).toMatchObject({ code: 'proposal_stale' });
  expect(await threshold()).toBe(2_000_000);
  expect(await listed(second, '?state=decided')).toMatchObject([
    { state: 'stale' },
    { state: 'confirmed' },
  ]);
});

test('what nobody confirmed in a week is closed', async () => {
  const id = await raise(desk.at.home);
  await sql`update proposal set proposed_at = '2020-01-01Z', expires_at = clock() where id = ${id}`;
  expect(await listed(second)).toMatchObject([{ id, obstacle: 'expired' }]);
  expect(await problemOf(confirm(second, id))).toMatchObject({ code: 'proposal_closed' });
});

test('the proposer withdraws, another declines, each once and with a reason', async () => {
  const close = (by: Browser, id: number, how: string) =>
    by.post(`/api/proposals/${id}/${how}`, { reason: '数额有误' });
  const id = await raise(desk.at.home);
  expect(await problemOf(close(desk.at.home, id, 'refusal'))).toMatchObject({
    code: 'proposal_own',
  });
  expect(await problemOf(close(second, id, 'withdrawal'))).toMatchObject({ code: 'not_found' });
  expect(await problemOf(second.post(`/api/proposals/${id}/refusal`, {}))).toMatchObject({
    code: 'invalid_request',
  });
  await expectStatus(close(second, id, 'refusal'), 200);
  expect(await problemOf(confirm(second, id))).toMatchObject({ code: 'proposal_closed' });
  expect(await problemOf(close(desk.at.home, id, 'withdrawal'))).toMatchObject({
    code: 'proposal_closed',
  });
  const own = await raise(desk.at.home);
  await expectStatus(close(desk.at.home, own, 'withdrawal'), 200);
  expect(await problemOf(confirm(second, own))).toMatchObject({ code: 'proposal_closed' });
  expect(await threshold()).toBe(1_000_000);
});

test('who left office, signed out or showed no second factor takes nothing back', async () => {
  const withdraw = (by: Browser, id: number) =>
    by.post(`/api/proposals/${id}/withdrawal`, { reason: '数额有误' });
  const id = await raise(second);
  const weak = await desk.app.signInAs(second.userId);
  expect(await problemOf(withdraw(weak, id))).toMatchObject({ code: 'second_factor_required' });
  await sql`update officer set suspended_at = clock() where user_id = ${second.userId}`;
  expect(await problemOf(withdraw(second, id))).toMatchObject({ code: 'not_found' });
  await sql`update officer set suspended_at = null where user_id = ${second.userId}`;
  // Its signed cookie is still fresh.
  await sql`select end_sessions(${second.userId})`;
  expect(await problemOf(withdraw(second, id))).toMatchObject({ code: 'session_revoked' });
  expect(await listed(desk.at.city)).toMatchObject([{ id, state: 'open' }]);
});

test('of many who decide at once exactly one does', async () => {
  // As many as have a connection of their own.
  const people = [second, desk.at.city, await officer('administrator')];
  const id = await raise(desk.at.home, 7_000_000);
  const many = [...people, ...people];
  const answers = await race(
    sql,
    many.length,
    (tx) => tx`select from proposal where id = ${id} for update`,
    () =>
      many.map((one, i) =>
        i % 3 === 2 ? one.post(`/api/proposals/${id}/refusal`, { reason }) : confirm(one, id),
      ),
  );
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([200, ...Array<number>(many.length - 1).fill(409)]);
  const entries = await sql`
    select from audit_entry where action in ('threshold.set', 'proposal.decline')
      and union_id = ${home}`;
  expect(entries).toHaveLength(1);
});

test('negative control: without the lock on the proposal the same race decides more than once', async () => {
  const id = await raise(desk.at.home, 8_000_000);
  const naive = async () =>
    sql.begin(async (tx) => {
      const [found] = await tx<{ state: string }[]>`select state from proposal where id = ${id}`;
      if (found?.state !== 'open') return 0;
      await tx`update proposal set state = 'confirmed', decided_by = 'x', decided_at = clock() where id = ${id}`;
      return 1;
    });
  const decided = await race(
    sql,
    4,
    (tx) => tx`select from proposal where id = ${id} for update`,
    () => Array.from({ length: 4 }, naive),
  );
  expect(decided.filter((one) => one === 1).length).toBeGreaterThan(1);
});
