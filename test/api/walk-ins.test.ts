// Risk: at the door somebody is let in whom the rules keep out, or a place that another holds is given away.
import { expect, test } from 'vitest';
import type { Seen } from '../../api/claims/attendance.ts';
import type { LetIn } from '../../api/claims/walk-ins.ts';
import { idIn } from '../support/city.ts';
import { staysConsistent } from '../support/consistent.ts';
import { openConsole } from '../support/console.ts';
import { expectStatus, type Holder, openCounter, passOf, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { addGathering, claimFor } from '../support/door.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city, till } = counter;
const desk = await openConsole(sql, counter);
staysConsistent(sql);

const code = async (answer: Promise<Response>) => (await problemOf(answer)).code;

/** What the organiser's scanner hears of a card. */
async function seen(session: number, holder: Holder): Promise<Seen> {
  const { url } = await passOf(holder);
  const path = `/api/claim-sessions/${session}/attendance`;
  return expectStatus<Seen>(desk.at.home.post(path, { pass: url }), 200);
}

async function ticketOf(session: number, holder: Holder): Promise<string> {
  const { walkIn } = await seen(session, holder);
  if (walkIn === null) throw new Error('Nobody is let in there.');
  return walkIn.ticket;
}

const letIn = (session: number, body: object, from = desk.at.home) =>
  from.post(`/api/claim-sessions/${session}/walk-ins`, body);

test('the organiser lets in whom no claim brings: a claim of his that is used, once', async () => {
  const { session } = await addGathering(city, { walkIns: true, cap: 3 });
  const holder = await counter.addHolder({ name: '赵大' });
  expect(await seen(session, holder)).toMatchObject({
    outcome: 'claim_needed',
    maskedName: '赵＊',
    cell: holder.cell,
    walkIn: { left: 3 },
  });
  const ticket = await ticketOf(session, holder);
  const id = idIn(holder.cell);
  const done = await expectStatus<LetIn>(letIn(session, { id, ticket, quantity: 2 }), 201);
  expect(done).toEqual({ id, state: 'used', maskedName: '赵＊', quantity: 2 });
  expect(await expectStatus<LetIn>(letIn(session, { id, ticket, quantity: 2 }), 200)).toEqual(done);
  expect(await code(letIn(session, { id, ticket, quantity: 1 }))).toBe(
    'exists_with_different_content',
  );
  const [counts] = await sql`
    select a.used, a.claimed, s.taken from allocation a join session s using (benefit_id)
    where s.id = ${session}`;
  expect(counts).toEqual({ used: 2, claimed: 0, taken: 2 });
  expect(await seen(session, holder)).toMatchObject({ outcome: 'already_in', claim: id });
});

test('a cashier lets in at his outlet, and the card is redeemed by the same scan', async () => {
  const { benefit, session } = await addGathering(city, {
    walkIns: true,
    outlet: city.outlet.id,
    price: 4500,
    cap: 2,
  });
  const holder = await counter.addHolder();
  const { ticket, benefits } = await counter.scan({ pass: (await passOf(holder)).url });
  expect(benefits.find(({ id }) => id === benefit)).toMatchObject({
    reason: 'claim_needed',
    session: null,
    walkIn: { id: session, titleZh: '场次', left: 2 },
  });
  const id = idIn(holder.cell);
  const redeem = (use = idIn(holder.cell)) =>
    till.put(`/api/redemptions/${use}`, { ticket, benefit, quantity: 1 });
  expect(await code(redeem())).toBe('claim_needed');
  const done = await expectStatus<LetIn>(letIn(session, { id, ticket }, till), 201);
  expect(done.state).toBe('confirmed');
  await expectStatus(redeem(), 201);
  const [row] = await sql`select state, used, made_by from claim where id = ${id}`;
  expect(row).toEqual({ state: 'used', used: 1, made_by: till.userId });
});

test('a scan says which session brings the member, and for how many', async () => {
  const where = await addGathering(city, { outlet: city.outlet.id });
  const holder = await counter.addHolder();
  await claimFor(city, holder, where, 3);
  const { benefits } = await counter.scan({ pass: (await passOf(holder)).url });
  expect(benefits.find(({ id }) => id === where.benefit)).toMatchObject({
    reason: null,
    memberLeft: 3,
    session: { id: where.session, titleZh: '场次' },
    walkIn: null,
  });
});

test('nobody is let in where the terms do not say so, before the door opens, or after the end', async () => {
  const closed = await addGathering(city);
  const open = await addGathering(city, { walkIns: true });
  const holder = await counter.addHolder();
  const ticket = await ticketOf(open.session, holder);
  const attempt = (session: number) => code(letIn(session, { id: idIn(holder.cell), ticket }));
  expect(await attempt(closed.session)).toBe('no_walk_ins');
  expect((await seen(closed.session, holder)).walkIn).toBeNull();
  for (const [starts, ends] of [
    ['61 minutes', '3 hours'],
    ['-3 hours', '0 hours'],
  ] as const) {
    await sql`
      update session set starts_at = clock() + ${starts}::interval, ends_at = clock() + ${ends}::interval
      where id = ${open.session}`;
    expect([starts, await attempt(open.session)]).toEqual([starts, 'no_walk_ins']);
  }
  // It has begun, and there is still room.
  await sql`
    update session set starts_at = clock() - interval '1 hour', ends_at = clock() + interval '1 hour'
    where id = ${open.session}`;
  await expectStatus(letIn(open.session, { id: idIn(holder.cell), ticket }), 201);
});

test('limits, audience, pools and seats hold at the door as anywhere', async () => {
  const holder = await counter.addHolder();
  const attempt = async (options: Parameters<typeof addGathering>[1], quantity = 1) => {
    const where = await addGathering(city, { walkIns: true, ...options });
    const ticket = await ticketOf(where.session, holder);
    return code(letIn(where.session, { id: idIn(holder.cell), ticket, quantity }));
  };
  expect(await attempt({ audience: { tags: ['single_parent'] } })).toBe('audience_tag');
  expect(await attempt({ limit: [1, 'month'] }, 2)).toBe('limit_reached');
  expect(await attempt({ cap: 1 }, 2)).toBe('session_full');
  expect(await attempt({ pools: { shared: 0 } })).toBe('quota_exhausted');
  expect(await attempt({}, 5)).toBe('quantity_too_large');
});

test('a place that is held for somebody is not free, but one held too long is', async () => {
  const where = await addGathering(city, { walkIns: true, cap: 1, holdMinutes: 5 });
  const [first, second] = [await city.addMember(), await counter.addHolder()];
  const held = city.claimItem(first, where.benefit, where.session);
  await sql`select * from claim(${sql.json([held])})`;
  const elsewhere = await addGathering(city, { walkIns: true });
  const ticket = await ticketOf(elsewhere.session, second);
  const attempt = () => letIn(where.session, { id: idIn(second.cell), ticket });
  expect(await code(attempt())).toBe('session_full');
  await sql`update claim set answer_by = clock() where id = ${held.id}`;
  await expectStatus(attempt(), 201);
  const [row] = await sql`select state from claim where id = ${held.id}`;
  expect(row).toEqual({ state: 'expired' });
});

test('only who stands at that door lets in, by a scan of his own and an id of the member’s', async () => {
  const where = await addGathering(city, { walkIns: true, outlet: city.homeOutlet.id });
  const holder = await counter.addHolder();
  const { ticket } = await counter.scan({ pass: (await passOf(holder)).url });
  const id = idIn(holder.cell);
  expect(await code(letIn(where.session, { id, ticket }, desk.at.home))).toBe('ticket_invalid');
  expect(await code(letIn(where.session, { id: idIn((holder.cell + 1) % 64), ticket }, till))).toBe(
    'id_not_of_card',
  );
  // The cashier’s own outlet is another.
  const stranger = await city.addOperator(city.outlet.partner, [city.outlet]);
  const other = await counter.app.signInAs(stranger.userId);
  const scanned = await expectStatus<{ ticket: string }>(
    other.post('/api/scans', { pass: (await passOf(holder)).url, outlet: city.outlet.id }),
    200,
  );
  expect(await code(letIn(where.session, { id, ticket: scanned.ticket }, other))).toBe('not_found');
  const [late] = await sql`select from claim where id = ${id}`;
  expect(late).toBeUndefined();
});

test('whom somebody let in is no no-show, whatever became of his use', async () => {
  const where = await addGathering(city, {
    walkIns: true,
    outlet: city.outlet.id,
    weights: [1, 2],
  });
  const [absent, came, let_in] = [
    await city.addMember(),
    await counter.addHolder(),
    await counter.addHolder(),
  ];
  const missed = await claimFor(city, absent, where);
  await claimFor(city, came, where);
  expect((await counter.redeem(came, where.benefit)).answer.status).toBe(201);
  const { ticket } = await counter.scan({ pass: (await passOf(let_in)).url });
  const id = idIn(let_in.cell);
  await expectStatus(letIn(where.session, { id, ticket }, till), 201);
  await sql`
    update session set starts_at = clock() - interval '4 hours', ends_at = clock() - interval '2 hours'
    where id = ${where.session}`;
  await sql`select finish_sessions()`;
  const states = await sql<{ id: string; state: string }[]>`
    select id, state from claim where id in (${missed}, ${id})`;
  expect(Object.fromEntries(states.map((row) => [row.id, row.state]))).toEqual({
    [missed]: 'no_show',
    [id]: 'lapsed',
  });
  const marks = await sql`select claim_id, weight from mark`;
  expect(marks).toEqual([{ claim_id: missed, weight: 2 }]);
});
