// Risk: a member is punished unheard, for longer than the terms say, or by a branch that is not his.
import { expect, test } from 'vitest';
import type { Claimable } from '../../api/claims/claimable.ts';
import type { MarkView, OwnMarks } from '../../api/claims/marks.ts';
import { staysConsistent } from '../support/consistent.ts';
import { openConsole } from '../support/console.ts';
import { expectStatus, type Holder, openCounter, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { addGathering, claimFor } from '../support/door.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city } = counter;
const desk = await openConsole(sql, counter);
staysConsistent(sql);

const { home } = city.unions;
const code = async (answer: Promise<Response>) => (await problemOf(answer)).code;
const listed = (query = '', union = home) =>
  expectStatus<{ marks: MarkView[]; next: string | null }>(
    desk.at.home.get(`/api/unions/${union}/marks${query}`),
    200,
  );
const ownOf = (holder: Holder) => expectStatus<OwnMarks>(holder.phone.get('/api/me/marks'), 200);

/** A session that he did not come to, while somebody else did. */
async function missed(holder: Holder, weight: number): Promise<number> {
  const where = await addGathering(city, { weights: [0, weight], pools: { shared: 10 } });
  const claim = await claimFor(city, holder, where);
  const other = await claimFor(city, await city.addMember(), where);
  await sql`select attend_claim(${other}, ${desk.at.home.userId}, null)`;
  await sql`
    update session set starts_at = clock() - interval '4 hours', ends_at = clock() - interval '2 hours'
    where id = ${where.session}`;
  await sql`select finish_sessions()`;
  const [row] = await sql<{ id: number }[]>`select id from mark where claim_id = ${claim}`;
  if (!row) throw new Error('There is no mark.');
  return row.id;
}

test('a no-show delays the next opening, is told to its member, and his branch lifts it once', async () => {
  const holder = await counter.addHolder({ name: '孙三' });
  expect(await ownOf(holder)).toEqual({ delaySeconds: 0, until: null, marks: [] });
  const id = await missed(holder, 1);
  const own = await ownOf(holder);
  expect(own).toMatchObject({
    delaySeconds: 600,
    marks: [{ id, kind: 'no_show', weight: 1, liftedAt: null, session: { titleZh: '场次' } }],
  });
  expect(own.until).toBe(own.marks[0]?.expiresAt);

  const next = await addGathering(city, {
    opensAt: new Date(Date.now() - 60_000).toISOString(),
  });
  const page = () =>
    expectStatus<{ isDelayed: boolean }>(
      holder.phone.get(`/api/benefits/${next.benefit}/claims`),
      200,
    );
  expect((await page()).isDelayed).toBe(true);

  expect((await listed()).marks).toMatchObject([
    { id, isLive: true, member: { id: holder.id, name: '孙三' }, kind: 'no_show', weight: 1 },
  ]);
  const lift = (from = desk.at.home) => from.post(`/api/marks/${id}/lift`, { reason: '家人住院' });
  expect(await code(lift(desk.at.host))).toBe('not_found');
  expect(await code(lift(desk.at.viewer))).toBe('not_found');
  expect(await code(desk.at.home.post(`/api/marks/${id}/lift`, { reason: ' ' }))).toBe(
    'invalid_request',
  );
  await expectStatus(lift(), 200);
  expect(await code(lift())).toBe('changed_meanwhile');
  expect(await desk.entries('mark', id)).toMatchObject([
    {
      action: 'mark.lift',
      reason: '家人住院',
      user_id: desk.at.home.userId,
      union_id: city.unions.homeEnterprise,
    },
  ]);
  expect((await page()).isDelayed).toBe(false);
  expect(await ownOf(holder)).toMatchObject({
    delaySeconds: 0,
    until: null,
    marks: [{ id, liftReason: '家人住院' }],
  });
  expect((await listed('?live=true')).marks.map((mark) => mark.id)).not.toContain(id);
  expect((await listed('?live=false')).marks).toMatchObject([{ id, isLive: false }]);
});

test('the list goes on page by page, and shows nobody of another union', async () => {
  const holder = await counter.addHolder();
  const ids: number[] = [];
  for (const weight of [1, 2, 3]) ids.unshift(await missed(holder, weight));
  const stranger = await counter.addHolder({ enterprise: city.unions.hostEnterprise });
  const strange = await missed(stranger, 1);
  const first = await listed('?limit=2&live=true');
  expect(first.marks.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  const second = await listed(`?limit=2&live=true&cursor=${first.next ?? ''}`);
  expect(second.marks.map(({ id }) => id)).toEqual(ids.slice(2));
  expect(second.next).toBeNull();
  expect((await listed('?limit=200')).marks.map(({ id }) => id)).not.toContain(strange);
  expect((await ownOf(holder)).delaySeconds).toBe(86_400);
  expect(await code(desk.at.host.get(`/api/unions/${home}/marks`))).toBe('not_found');
});

test('a clerk sees what he may claim for his members, and claims it within the same limits', async () => {
  const open = await addGathering(city, { limit: [1, 'month'] });
  const closed = await addGathering(city, { closesAt: '2021-01-01Z' });
  const elsewhere = await addGathering(city, {
    union: city.unions.root,
    audience: { districts: [city.unions.host] },
    pools: { shared: 10 },
  });
  const { benefits } = await expectStatus<{ benefits: Claimable[] }>(
    desk.at.home.get(`/api/unions/${home}/claimable`),
    200,
  );
  const ids = benefits.map(({ id }) => id);
  expect(ids).toContain(open.benefit);
  expect(ids).not.toContain(closed.benefit);
  expect(ids).not.toContain(elsewhere.benefit);
  expect(benefits.find(({ id }) => id === open.benefit)).toMatchObject({
    claimKind: 'slot',
    isOpen: true,
    sessions: [{ id: open.session, left: 10 }],
  });
  const member = await city.addMember();
  const item = city.claimItem(member, open.benefit, open.session);
  const claimIt = (id: string, from = desk.at.home) =>
    from.put(`/api/claims/${id}`, {
      benefit: open.benefit,
      session: open.session,
      member: String(member.id),
    });
  await expectStatus(claimIt(item.id), 201);
  await expectStatus(claimIt(item.id), 200);
  const again = city.claimItem(member, open.benefit, open.session);
  expect(await code(claimIt(again.id))).toBe('limit_reached');
  expect(await code(claimIt(again.id, desk.at.host))).toBe('member_unknown');
});
