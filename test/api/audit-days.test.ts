// Risk (I20): a redemption, its undoing or its money, or a change of a claim, is changed, taken out or slipped in by
// whoever can reach the tables, and the audit still verifies; or an honest history does not.
import { beforeAll, expect, test } from 'vitest';
import type { listAudit } from '../../api/audit/list.ts';
import { verifyDays, verifyMonths } from '../../api/audit/books.ts';
import { sealDays } from '../../api/audit/seal.ts';
import { verifyChain } from '../../api/audit/verification.ts';
import { rollUp } from '../../api/insights/roll-up.ts';
import { finishCloses } from '../../api/settlements/finish-close.ts';
import { orm } from '../../db/client.ts';
import type { Member } from '../support/city.ts';
import { claimOne, say } from '../support/claim.ts';
import { setClock } from '../support/clock.ts';
import { type Console, openConsole } from '../support/console.ts';
import { expectStatus } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { rolled } from '../support/rolled.ts';
import { without } from '../support/vary.ts';

const database = await createDatabase();
const { sql } = database;
const db = orm(sql);
const day = '2026-10-12';
const dayBefore = '2026-10-11';

let desk: Console;
let benefit: number;
let uses: string[];
let claimBenefit: number;
let claimSession: number;
let claimant: Member;
let claimed: string;

beforeAll(async () => {
  await setClock(sql, `${dayBefore}T04:00:00Z`);
  desk = await openConsole(sql);
  const { root, hostEnterprise } = desk.city.unions;
  claimBenefit = await desk.city.addBenefit({ limit: [100, 'total'] });
  await desk.city.letClaim(claimBenefit);
  claimSession = await desk.city.addSession(claimBenefit);
  await makeClaim(await desk.city.addMember({ enterprise: root }));
  await setClock(sql, `${day}T04:00:00Z`);
  claimant = await desk.city.addMember();
  claimed = await makeClaim(claimant);
  await say(sql, 'cancel_claim', claimed, claimant);
  await makeClaim(await desk.city.addMember({ enterprise: hostEnterprise }));
  benefit = await desk.city.addBenefit({
    pools: { shared: 100 },
    limit: [100, 'total'],
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: '2027-01-01T00:00:00Z',
  });
  const at = `${day}T03:59:00.000Z`;
  uses = [];
  for (let i = 0; i < 4; i += 1) uses.push(await desk.redeem(benefit, 1, { at }));
  await desk.undo(uses[3] ?? '');
  // While the day lasts nothing is sealed.
  await rolled(sql);
  await sealAll();
  expect(await sealed()).toEqual([]);
  await setClock(sql, '2026-10-14T04:00:00Z');
  await rolled(sql);
  await sealAll();
});

async function sealAll(): Promise<void> {
  await sql`select chain_link(10000)`;
  while ((await sealDays({ db })) > 0);
}

async function makeClaim(member: Member, run = sql): Promise<string> {
  const item = desk.city.claimItem(member, claimBenefit, claimSession);
  expect(await claimOne(run, item)).toMatchObject({ outcome: 'made', state: 'confirmed' });
  return item.id;
}

const sealed = (action = 'day.seal') => sql<
  { day: string; rows: number; districts: number | null }[]
>`
  select subject_id as day, (after ->> 'rows')::int as rows, (after ->> 'districts')::int as districts
  from audit_entry where action = ${action} order by id`;

async function faults() {
  const found: string[] = [];
  for await (const { day: at, faults: those } of verifyDays(db, null))
    found.push(...those.map(({ fault }) => `${at} ${fault}`));
  return found;
}

/** What only the owner of the tables can do; taken back once it was looked at. */
async function after(deed: Deed): Promise<string[]> {
  return (await faultsAfter(deed)).map(({ fault }) => fault);
}

type Deed = (tx: typeof sql) => Promise<unknown>;

async function faultsAfter(deed: Deed) {
  let found: { fault: string; chain: number }[] = [];
  await sql
    .begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await deed(tx as unknown as typeof sql);
      found = await tx<typeof found>`
        select fault, chain_id as chain from seal_faults(${day}::date)`;
      throw new Error('back');
    })
    .catch((error: unknown) => expect(error).toMatchObject({ message: 'back' }));
  return found;
}

test('each day that is over is sealed once, also one without a use, and verifies', async () => {
  expect(await sealed()).toEqual([
    { day, rows: 10, districts: null },
    { day, rows: 10, districts: 1 },
    { day: '2026-10-13', rows: 0, districts: 0 },
  ]);
  await Promise.all([sealDays({ db }), sealDays({ db })]);
  expect(await sealed()).toHaveLength(3);
  // The claims of a union of no district are the city's; the first day of claims was before anything was used.
  expect(await sealed('day.seal_claims')).toEqual([
    { day: dayBefore, rows: 1, districts: null },
    { day: dayBefore, rows: 1, districts: 1 },
    { day, rows: 2, districts: null },
    { day, rows: 1, districts: null },
    { day, rows: 3, districts: 2 },
    { day: '2026-10-13', rows: 0, districts: 0 },
  ]);
  expect(await faults()).toEqual([]);
  for await (const month of verifyMonths(db)) expect(month.faults).toEqual([]);
});

test.each([
  ['the member', () => sql`member_id = member_id + 1`],
  ['the card', () => sql`card_number = card_number + 1`],
  ['the operator', () => sql`operator_id = operator_id + 1`],
  ['the price', () => sql`price_fen = price_fen + 1`],
  ['the quantity', () => sql`quantity = 2`],
  ['a microsecond of its time', () => sql`at = at - interval '1 microsecond'`],
  ['the day it was booked on', () => sql`booked_at = booked_at + interval '1 day'`],
])('an edit of %s of a redemption shows', async (_what, to) => {
  expect(
    await after((tx) => tx`update redemption set ${to()} where id = ${uses[0] ?? ''}`),
  ).toEqual(['resealed']);
});

test('a redemption taken out, one slipped in, another payer, amount or undoer show', async () => {
  const id = uses[1] ?? '';
  for (const deed of [
    (tx: typeof sql) => tx`delete from redemption where id = ${id}`,
    (tx: typeof sql) => tx`delete from transfer where redemption_id = ${id}`,
    (tx: typeof sql) =>
      tx`update transfer set amount_fen = amount_fen + 1 where redemption_id = ${id}`,
    (tx: typeof sql) => tx`update transfer set payer_id = payer_id + 1 where redemption_id = ${id}`,
    (tx: typeof sql) =>
      tx`update reversal set user_id = 'v' where redemption_id = ${uses[3] ?? ''}`,
    (tx: typeof sql) => tx`
      insert into redemption
      select (jsonb_populate_record(r, jsonb_build_object('id', id_in(r.cell), 'jti', r.jti + 1))).*
      from redemption r where r.id = ${id}`,
  ])
    expect(await after(deed)).toEqual(['resealed']);
});

test.each([
  ['what it was before', () => sql`before = 'held'`],
  ['its state', () => sql`state = 'lapsed'`],
  ['its session', () => sql`session_id = session_id + 1`],
  ['who did it', () => sql`by = null`],
  ['why', () => sql`reason = 'x'`],
  ['the member', () => sql`member_id = member_id + 64`],
  ['a microsecond of its time', () => sql`at = at - interval '1 microsecond'`],
  ['its day', () => sql`at = at + interval '1 day'`],
])('an edit of %s of a change of a claim shows, as that district', async (_what, to) => {
  const edit: Deed = (tx) => tx`
    update claim_event set ${to()} where claim_id = ${claimed} and state = 'cancelled'`;
  const { home } = desk.city.unions;
  expect(await faultsAfter(edit)).toEqual([{ fault: 'claims_resealed', chain: home }]);
});

test('a change of a claim taken out, one slipped in, and another benefit or quantity of the claim show', async () => {
  const { home, root } = desk.city.unions;
  const columns = sql`before, state, session_id, by, reason, at`;
  for (const deed of [
    (tx: typeof sql) =>
      tx`delete from claim_event where claim_id = ${claimed} and state = 'cancelled'`,
    (tx: typeof sql) => tx`
      insert into claim_event (cell, member_id, claim_id, ${columns})
      select cell, member_id, claim_id, ${columns} from claim_event
      where claim_id = ${claimed} and state = 'cancelled'`,
    (tx: typeof sql) => tx`update claim set quantity = 2 where id = ${claimed}`,
    (tx: typeof sql) => tx`update claim set benefit_id = ${benefit} where id = ${claimed}`,
  ])
    expect(await faultsAfter(deed)).toEqual([{ fault: 'claims_resealed', chain: home }]);
  expect(await faultsAfter((tx) => tx`delete from claim where id = ${claimed}`)).toEqual([
    { fault: 'claims_unsealed', chain: root },
    { fault: 'claims_resealed', chain: home },
  ]);
  expect(
    await faultsAfter(
      (tx) => tx`
        insert into claim_event (cell, member_id, claim_id, ${columns})
        select cell, member_id, gen_random_uuid(), ${columns} from claim_event
        where claim_id = ${claimed} and state = 'cancelled'`,
    ),
  ).toEqual([{ fault: 'claims_unsealed', chain: root }]);
});

test('a day that was sealed before claims were verifies, and its claims are sealed from their first day on', async () => {
  const found = await after(async (tx) => {
    await tx`delete from audit_entry where action = 'day.seal_claims'`;
    const [due] = await tx`select next_sealed_day_2('day.seal_claims')::text as day`;
    expect(due).toEqual({ day: dayBefore });
  });
  expect(found).toEqual([]);
});

test('a seal that was rewritten with what it seals shows in the chain, one taken out by itself', async () => {
  await sql`select chain_link(10000)`;
  const { host } = desk.city.unions;
  expect((await verifyChain(db, host)).faults).toEqual([]);
  expect(
    await after(async (tx) => {
      await tx`update redemption set quantity = 2 where id = ${uses[0] ?? ''}`;
      await tx`
        update audit_entry e set after = jsonb_build_object('rows', d.rows, 'hash', d.hash)
        from day_digests(${day}::date) d
        where e.action = 'day.seal' and e.subject_id = ${day} and e.union_id = d.union_id`;
      const edited = await tx`select from chain_faults(${host}) where fault = 'edited'`;
      expect(edited).toHaveLength(1);
    }),
  ).toEqual([]);
  expect(
    await after(
      (tx) => tx`delete from audit_entry where action = 'day.seal' and union_id = ${host}`,
    ),
  ).toEqual(['unsealed']);
});

test('what people did is not lost among the seals: those are listed where they are asked for', async () => {
  type List = Awaited<ReturnType<typeof listAudit>>;
  const list = (query = '') => expectStatus<List>(desk.at.city.get(`/api/audit${query}`), 200);
  const actions = (await list()).entries.map(({ action }) => action);
  expect(actions).not.toContain('day.seal');
  expect(actions).not.toContain('day.seal_claims');
  const seals = (await list('?action=day.seal')).entries;
  expect(seals.map(({ subjectId }) => subjectId)).toEqual(['2026-10-13', day, day]);
});

test('a closed month that was written anew, statements and all, is not what the audit says of it', async () => {
  const month = '2026-09-01';
  const verified = async () => {
    const found: string[] = [];
    for await (const one of verifyMonths(db))
      found.push(...one.faults.map(({ finding }) => finding));
    return found;
  };
  await sql`insert into period (month, state, closing_at, closing_by) values (${month}, 'closing', clock(), 'u')`;
  await finishCloses({ db });
  expect(await verified()).toEqual([]);
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`update period set hash = repeat('0', 64) where month = ${month}`;
  });
  expect(await verified()).toEqual([
    'a month is not what the audit says of its close',
    'a month is not what its statements say',
  ]);
});

test('who is erased leaves what was sealed as it was', async () => {
  const { cell, id } = claimant;
  await sql`select erase_member(${cell}::smallint, ${id}::bigint)`;
  expect(await faults()).toEqual([]);
});

/** A claim of the last seconds of a day, whose transaction ends when the next one is long under way. */
async function claimLate(on: string): Promise<void> {
  await setClock(sql, `${on}T15:59:50Z`);
  const member = await desk.city.addMember();
  const other = database.connect({ max: 1 });
  await other.begin(async (tx) => {
    await makeClaim(member, tx as unknown as typeof sql);
    await setClock(sql, new Date(Date.parse(`${on}T16:00:00Z`) + 4 * 3_600_000).toISOString());
    await rollUp(sql);
    await sealAll();
  });
  await other.end();
  await rolled(sql);
  await sealAll();
}

test('a claim that is committed after its day is in its seal, which waits for it', async () => {
  await claimLate('2026-10-15');
  expect(await sealed('day.seal_claims')).toContainEqual({
    day: '2026-10-15',
    rows: 1,
    districts: null,
  });
  expect(await faults()).toEqual([]);
});

test('a seal that did not wait would miss it', async () => {
  await without(sql, 'next_sealed_day_2', [['rolled_through()', 'clock()']], () =>
    claimLate('2026-10-18'),
  );
  expect(await faults()).toEqual(['2026-10-18 claims_unsealed']);
});
