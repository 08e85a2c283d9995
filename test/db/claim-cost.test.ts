// Risk: in a city's first drop each claim costs more than the one before it, or a storm on what is sold out locks and
// writes; a draw of thousands takes minutes by the plan of one; or a day's seal reads all events of all years.
import { expect, test } from 'vitest';
import type { Sql } from '../../db/client.ts';
import type { ClaimState } from '../../db/schema/claims.ts';
import { buildCity, idIn } from '../support/city.ts';
import type { ClaimItem } from '../support/claim.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { without } from '../support/vary.ts';

const database = await createDatabase();
// One connection: it keeps the plans that it made first.
const sql = database.connect({ max: 1 });
const city = await buildCity(sql);
staysConsistent(sql);

const claimsBefore = 3_000;
const growthMax = 1.5;

async function openSession(): Promise<{ benefit: number; session: number }> {
  const benefit = await city.addBenefit({ pools: { shared: 1000 }, price: 0 });
  await city.letClaim(benefit);
  return { benefit, session: await city.addSession(benefit, { cap: 1 }) };
}

const blocks = (items: ClaimItem[]) => read(sql, sql`select * from claim(${sql.json(items)})`);

/** The blocks that a statement looks at, in functions and triggers too: what it costs on any machine. */
async function read(on: Sql, statement: ReturnType<Sql>): Promise<number> {
  const [row] = await on<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }[]>`
    explain (analyze, buffers, format json) ${statement}`;
  const plan = row?.['QUERY PLAN'][0].Plan ?? {};
  return (plan['Shared Hit Blocks'] ?? NaN) + (plan['Shared Read Blocks'] ?? NaN);
}

test('what was planned when there were no claims costs the same when there are thousands', async () => {
  const { benefit, session } = await openSession();
  await sql`alter table claim set (autovacuum_enabled = off)`;
  await sql`vacuum analyze claim`;
  const cell = 0;
  const next = async (waits: boolean) => ({
    ...city.claimItem(await city.addMember({ cell }), benefit, session),
    waits,
  });
  const costs = async () => [await blocks([await next(true)]), await blocks([await next(false)])];
  // The first takes the place, and makes the plans.
  await blocks([await next(true)]);
  await costs();
  const few = await costs();
  const other = await city.addMember({ cell });
  await fill(sql, other.id, benefit, session);
  const many = await costs();
  for (const [i, cost] of many.entries()) expect(cost).toBeLessThan((few[i] ?? 0) * growthMax);
});

/** Of one member, in states that hold nothing: what a drop leaves, in his cell. */
async function fill(
  on: Sql,
  member: number,
  benefit: number,
  session: number,
  states: readonly ClaimState[] = ['waiting', 'cancelled', 'lost'],
  count = claimsBefore,
): Promise<void> {
  const ids = Array.from({ length: count }, () => idIn(0));
  await on`
    insert into claim (cell, id, member_id, benefit_id, session_id, union_id, quantity, state, at,
      made_at, changed_at)
    select 0, id, ${member}, ${benefit}, ${session}, ${city.unions.homeEnterprise}, 1,
      (${[...states]}::text[])[1 + n % ${states.length}::int], clock(), clock(), clock()
    from unnest(${ids}::uuid[]) with ordinality as i (id, n)`;
}

test('a sold-out session is refused without a lock or a write', async () => {
  const { benefit, session } = await openSession();
  const claims = (item: ClaimItem) =>
    sql.begin(async (tx) => {
      const [answer] = await tx<{ outcome: string }[]>`
        select outcome from claim(${tx.json([item])})`;
      const [row] = await tx<{ touched: boolean }[]>`
        select pg_current_xact_id_if_assigned() is not null as touched`;
      return [answer?.outcome, row?.touched];
    });
  const item = async () => city.claimItem(await city.addMember(), benefit, session);
  expect(await claims(await item())).toEqual(['made', true]);
  expect(await claims(await item())).toEqual(['session_full', false]);
});

test('a day is sealed by its own blocks among those of years that nobody analysed, and by all without their index', async () => {
  await sql`alter table claim_event set (autovacuum_enabled = off)`;
  await sql`
    insert into claim_event (cell, member_id, claim_id, state, at)
    select 0, 64, gen_random_uuid(), 'waiting', '2020-01-01Z'::timestamptz + n * interval '5 minutes'
    from generate_series(1, 200000) n`;
  await sql`select brin_summarize_new_values('claim_event_at')`;
  const [table] = await sql<{ pages: number }[]>`
    select (pg_relation_size('claim_event') / 8192)::int as pages`;
  const pages = table?.pages ?? NaN;
  const cost = (on: Sql) => read(on, sql`select * from claim_digests('2021-03-04')`);
  expect(await cost(sql)).toBeLessThan(pages / 4);
  await sql
    .begin(async (tx) => {
      await tx`drop index claim_event_at`;
      expect(await cost(tx as unknown as Sql)).toBeGreaterThan(pages);
      throw new Error('back');
    })
    .catch((error: unknown) => expect(error).toMatchObject({ message: 'back' }));
});

test('many claims that change at once cost each what one does, though one was changed before them', async () => {
  const member = await city.addMember({ cell: 0 });
  const { benefit, session } = await openSession();
  const cancel = async (count: number) => {
    const start = performance.now();
    await sql`
      update claim c set state = 'cancelled', changed_at = clock()
      from (
        select cell, id from claim
        where member_id = ${member.id} and benefit_id = ${benefit} and state = 'waiting' limit ${count}
      ) w
      where c.cell = w.cell and c.id = w.id`;
    return (performance.now() - start) / count;
  };
  const growth = async () => {
    for (let done = 0; done < 2; done += 1)
      await fill(sql, member.id, benefit, session, ['waiting']);
    // As a redemption does it, by its own settings.
    await sql.unsafe('set enable_hashjoin = off; set enable_mergejoin = off');
    await cancel(1);
    await sql.unsafe('reset enable_hashjoin; reset enable_mergejoin');
    const few = await cancel(500);
    return (await cancel(5_000)) / few;
  };
  const [guarded, unguarded] = [
    await growth(),
    await without(sql, 'claim_tells_change', [[" SET enable_hashjoin TO 'on'", '']], growth),
  ];
  expect(guarded).toBeLessThan(3);
  expect(unguarded).toBeGreaterThan(3);
});

test('a draw costs of thousands what it costs of few, each, by the plans that were made for few', async () => {
  const member = await city.addMember({ cell: 0 });
  const draw = async (entries: number) => {
    const benefit = await city.addBenefit({ pools: { shared: 1000 }, price: 0 });
    await city.letClaim(benefit, { kind: 'drop', opensAt: '2026-01-01T10:00:00+08:00' });
    const session = await city.addSession(benefit, { cap: 0 });
    await city.addWave(benefit, '2026-01-01T10:00:00+08:00', { [session]: 5 });
    await fill(sql, member.id, benefit, session, ['entered'], entries);
    const cost = await read(sql, sql`select open_waves(${benefit})`);
    const left = await sql`
      select from claim where benefit_id = ${benefit} and state = 'entered' limit 1`;
    expect(left).toHaveLength(0);
    return cost / entries;
  };
  const few = await draw(20);
  expect(await draw(claimsBefore)).toBeLessThan(few * growthMax);
});
