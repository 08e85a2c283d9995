// Risk: a double tap, a reload, a retry or a second till redeems twice, or one answer is lost for good (I5, I6, I7).
import { expect, test } from 'vitest';
import { createApp, type Browser } from '../support/app.ts';
import { idIn } from '../support/city.ts';
import {
  Counter,
  expectStatus,
  type Holder,
  openCounter,
  passOf,
  problemOf,
} from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const database = await createDatabase();
const { sql } = database;
const first = await openCounter(sql);
const { city, till } = first;
// A second process of the same service, with a pool and a key ring of its own.
const statements: string[] = [];
const pool = database.connect({ onStatement: (statement) => statements.push(statement) });
const second = createApp(pool);
const otherTill = await second.signInAs(city.operator.userId);
const counters = [first, new Counter(city, second, otherTill)] as const;

type Wanted = { ticket: string; benefit: number; quantity: number };

const put = (at: Browser, id: string, wanted: Wanted) => at.put(`/api/redemptions/${id}`, wanted);
const tillOf = (i: number): Browser => (i % 2 === 0 ? till : otherTill);

async function scanFor(holder: Holder, benefit: number): Promise<Wanted> {
  const { ticket } = await first.scan({ pass: (await passOf(holder)).url });
  return { ticket, benefit, quantity: 1 };
}

async function usedOf(benefit: number): Promise<{ used: number; rows: number; paid: number }> {
  const [row] = await sql<{ used: number; rows: number; paid: number }[]>`
    select (select sum(used)::int from allocation where benefit_id = ${benefit}) as used,
      count(*)::int as rows,
      (select coalesce(sum(t.amount_fen), 0)::int from transfer t
        join redemption r on r.cell = t.cell and r.id = t.redemption_id
        where r.benefit_id = ${benefit}) as paid
    from redemption where benefit_id = ${benefit}`;
  if (!row) throw new Error('There is no row.');
  return row;
}

test('fifty sendings of one id to two processes: one redemption, one answer', async () => {
  const benefit = await city.addBenefit({ limit: [100, 'day'], pools: { shared: 100 } });
  const wanted = await scanFor(await first.addHolder({ cell: 7 }), benefit);
  const id = idIn(7);
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => put(tillOf(i), id, wanted)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(49).fill(200), 201]);
  const bodies = new Set(await Promise.all(answers.map((answer) => answer.text())));
  expect(bodies.size).toBe(1);
  expect(await usedOf(benefit)).toEqual({ used: 1, rows: 1, paid: 4500 });
});

test('a negative control: without the id’s key the same fifty would be fifty', async () => {
  const benefit = await city.addBenefit({ limit: [100, 'day'], pools: { shared: 100 } });
  const holder = await first.addHolder({ cell: 7 });
  const { url } = await passOf(holder);
  const { ticket } = await first.scan({ pass: url });
  // A new id a sending is what a phone would do that does not keep its own.
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => put(tillOf(i), idIn(7), { ticket, benefit, quantity: 1 })),
  );
  const codes = await Promise.all(
    answers.map(async (answer) => ((await answer.json()) as { code?: string }).code),
  );
  // I7: only the pass itself stops them then.
  expect(codes.filter((code) => code === undefined)).toHaveLength(1);
  expect(codes.filter((code) => code === 'pass_already_used')).toHaveLength(49);
});

test('one pass in fifty parallel scans at two processes and two outlets is accepted once (I7)', async () => {
  const benefit = await city.addBenefit({ limit: [100, 'day'], pools: { shared: 100 } });
  const holder = await first.addHolder();
  const { url, code } = await passOf(holder);
  const outlets = [city.outlet.id, city.homeOutlet.id];
  const tickets = await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      counters[i % 2 === 0 ? 0 : 1].scan(i % 10 === 0 ? { code } : { pass: url }, outlets[i % 2]),
    ),
  );
  const answers = await Promise.all(
    tickets.map(({ ticket }, i) =>
      put(tillOf(i), idIn(holder.cell), { ticket, benefit, quantity: 1 }),
    ),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 422)).toHaveLength(49);
  expect(await usedOf(benefit)).toMatchObject({ used: 1, rows: 1 });
  // Another benefit with the same pass is allowed.
  const another = await city.addBenefit();
  const [ticket] = tickets;
  await expectStatus(
    put(till, idIn(holder.cell), { ticket: ticket?.ticket ?? '', benefit: another, quantity: 1 }),
    201,
  );
});

test('an id keeps its first answer when everything around it has changed', async () => {
  const benefit = await city.addBenefit();
  const holder = await first.addHolder();
  const wanted = await scanFor(holder, benefit);
  const id = idIn(holder.cell);
  const answer = await expectStatus(put(till, id, wanted), 201);
  await sql`update benefit set paused_at = clock(), pause_reason = 'x', price_fen = 1 where id = ${benefit}`;
  await sql`update card set status = 'lost', ended_at = clock() where number = ${holder.card}`;
  expect(await expectStatus(put(otherTill, id, wanted), 200)).toEqual(answer);
});

test('other content under an accepted id is refused and changes nothing (I6)', async () => {
  const benefit = await city.addBenefit({ limit: [100, 'day'], quantityMax: 5 });
  const other = await city.addBenefit({ limit: [100, 'day'] });
  const holder = await first.addHolder();
  const { url } = await passOf(holder);
  const { ticket } = await first.scan({ pass: url });
  const id = idIn(holder.cell);
  const wanted = { ticket, benefit, quantity: 1 };
  await expectStatus(put(till, id, wanted), 201);
  const neighbour = await first.addHolder({ cell: holder.cell });
  const mutated: Wanted[] = [
    { ...wanted, quantity: 2 },
    { ...wanted, benefit: other },
    { ...wanted, benefit: 2_147_483_647 },
    { ...wanted, ticket: (await first.scan({ pass: url }, city.homeOutlet.id)).ticket },
    { ...wanted, ticket: (await first.scan({ pass: (await passOf(neighbour)).url })).ticket },
  ];
  for (const changed of mutated)
    expect(await problemOf(put(till, id, changed))).toMatchObject({
      status: 409,
      code: 'exists_with_different_content',
    });
  // A later scan of the same pass at the same outlet is the same content.
  const later = { ...wanted, ticket: (await first.scan({ pass: url })).ticket };
  await expectStatus(put(till, id, later), 200);
  expect(await usedOf(benefit)).toEqual({ used: 1, rows: 1, paid: 4500 });
  expect(await usedOf(other)).toEqual({ used: 0, rows: 0, paid: 0 });
});

test('a refusal stores nothing: the same id is judged afresh', async () => {
  const benefit = await city.addBenefit({ pools: { shared: 0 } });
  const holder = await first.addHolder();
  const wanted = await scanFor(holder, benefit);
  const id = idIn(holder.cell);
  expect(await problemOf(put(till, id, wanted))).toMatchObject({ code: 'quota_exhausted' });
  await sql`update allocation set cap = 1 where benefit_id = ${benefit}`;
  await expectStatus(put(till, id, wanted), 201);
});

test('the id must carry the cell of the card', async () => {
  const benefit = await city.addBenefit();
  const holder = await first.addHolder({ cell: 5 });
  const wanted = await scanFor(holder, benefit);
  for (const cell of [4, 6, 63])
    expect(await problemOf(put(till, idIn(cell), wanted))).toMatchObject({
      status: 400,
      code: 'id_not_of_card',
    });
});

test('a ticket belongs to its operator, its outlet and its scan', async () => {
  const benefit = await city.addBenefit();
  const holder = await first.addHolder();
  const wanted = await scanFor(holder, benefit);
  const colleague = await city.addOperator(city.outlet.partner, [city.outlet]);
  const colleagueTill = await first.app.signInAs(colleague.userId);
  const id = idIn(holder.cell);
  expect(await problemOf(put(colleagueTill, id, wanted))).toMatchObject({
    status: 422,
    code: 'ticket_invalid',
  });
  expect(await problemOf(put(holder.phone, id, wanted))).toMatchObject({ code: 'ticket_invalid' });
  const [head = '', body = '', mac = ''] = wanted.ticket.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
  const forge = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  for (const ticket of [
    `${head}.${forge({ ...claims, outlet: city.homeOutlet.id })}.${mac}`,
    `${head}.${forge({ ...claims, validUntil: '2099-01-01T00:00:00.000Z' })}.${mac}`,
    `${forge({ alg: 'none' })}.${body}.`,
    `${forge({ alg: 'none', typ: 'tongka-scan+jwt' })}.${body}.${mac}`,
    `${head}.${body}`,
    `${wanted.ticket}.a.b`,
    'x',
    '\u0000',
  ])
    expect(await problemOf(put(till, id, { ...wanted, ticket }))).toMatchObject({
      status: 422,
      code: 'ticket_invalid',
    });
  await expectStatus(put(till, id, wanted), 201);
});

test('a redemption and its replay cost one statement each, and the session none', async () => {
  const benefit = await city.addBenefit();
  const holder = await first.addHolder();
  const wanted = await scanFor(holder, benefit);
  const id = idIn(holder.cell);
  statements.length = 0;
  await expectStatus(put(otherTill, id, wanted), 201);
  expect(statements).toHaveLength(1);
  expect(statements[0]).toContain('redeem(');
  await expectStatus(put(otherTill, id, wanted), 200);
  expect(statements).toHaveLength(2);
  await problemOf(put(otherTill, idIn(holder.cell), wanted));
  expect(statements).toHaveLength(3);
});

test('a suspension and a sign-out act at the next request, within that one statement', async () => {
  const benefit = await city.addBenefit();
  const holder = await first.addHolder();
  const colleague = await city.addOperator(city.outlet.partner, [city.outlet]);
  const colleagueTill = await second.signInAs(colleague.userId);
  const { url } = await passOf(holder);
  const scanned = await new Counter(city, second, colleagueTill).scan({ pass: url });
  const send = () =>
    problemOf(
      put(colleagueTill, idIn(holder.cell), { ticket: scanned.ticket, benefit, quantity: 1 }),
    );
  await sql`update operator set suspended_at = clock() where id = ${colleague.id}`;
  statements.length = 0;
  expect(await send()).toMatchObject({ status: 422, code: 'operator_suspended' });
  await sql`update operator set suspended_at = null where id = ${colleague.id}`;
  await sql`update auth_user set sessions_valid_from = clock() + interval '1 second' where id = ${colleague.userId}`;
  expect(await send()).toMatchObject({ status: 401, code: 'session_revoked' });
  expect(statements).toHaveLength(2);
  expect(await usedOf(benefit)).toMatchObject({ used: 0, rows: 0 });
});
