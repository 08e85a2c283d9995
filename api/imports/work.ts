import { sql } from 'drizzle-orm';
import type { memberImport } from '../../db/schema/imports.ts';
import type { Services } from '../context.ts';
import { prepare, take } from './check-rows.ts';
import { readHead } from './head.ts';
import { anyImport, type Import } from './own.ts';
import { Unreadable } from './table.ts';

const rowsAtOnce = 40_000;
const rowsMax = 2_000_000;
/** How long a worker that says nothing more is waited for. */
const leaseSeconds = 30;

/** Brings an import forward until it waits for a person or is finished, unless somebody is at it. */
export async function work(services: Services, id: string): Promise<void> {
  const [claimed] = await services.db.execute(sql`
    update member_import set worked_until = clock() + ${leaseSeconds} * interval '1 second'
    where id = ${id} and state in ('checking', 'committing', 'undoing')
      and coalesce(worked_until < clock(), true)
    returning id`);
  if (claimed) await bringForward(services, id);
}

/** Goes on with what nobody works at any more; answers how many imports that were. */
export async function workOn(services: Services): Promise<number> {
  const rows = await services.db.execute<{ id: string }>(sql`
    select id from member_import
    where state in ('checking', 'committing', 'undoing') and coalesce(worked_until < clock(), true)
    order by id limit 5`);
  for (const { id } of rows) await work(services, id);
  return rows.length;
}

/**
 * The work itself. Should two do it all the same, or one end in the middle, nothing is lost or done twice: every step is
 * one transaction that checks where the import stands, and moves it.
 */
export async function bringForward(services: Services, id: string): Promise<void> {
  for (;;) {
    const one = await anyImport(services.db, id);
    if (one?.state === 'checking') await check(services, one);
    else if (one?.state === 'committing') await commit(services, one);
    else if (one?.state === 'undoing') await undo(services, one);
    else return;
  }
}

async function renew({ db }: Services, id: string): Promise<void> {
  await db.execute(sql`
    update member_import set worked_until = clock() + ${leaseSeconds} * interval '1 second'
    where id = ${id} and state in ('checking', 'committing', 'undoing')`);
}

/** While the database takes rows in, the next ones are read, hashed and sealed. */
async function check(services: Services, one: Import): Promise<void> {
  try {
    const head = await readHead(services, one);
    if (head === undefined) throw new Unreadable();
    let batch = await prepare(services, one, head, one);
    for (let batches = 1; batch; batches++) {
      if (batch.lastRow - head.rows > rowsMax) return await fail(services, one.id, 'rows_too_many');
      const taken = take(services, one.id, batch);
      const next = prepare(services, one, head, { position: batch.end, row: batch.lastRow });
      const [isTaken, following] = await Promise.all([taken, next]);
      if (!isTaken) return;
      if (batches % 20 === 0) await renew(services, one.id);
      batch = following;
    }
    await long(services, one.id, (tx) => tx.execute(sql`select finish_check(${one.id}::uuid)`));
    // What follows joins these rows, and the planner knows those of former imports only: it would take them for none.
    await services.db.execute(sql`analyze member_import_row, member_import_leaver`);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    await fail(services, one.id, 'file_unreadable');
  }
}

type Failure = NonNullable<(typeof memberImport.$inferSelect)['failure']>;

async function fail({ db }: Services, id: string, failure: Failure): Promise<void> {
  await db.execute(sql`
    update member_import set state = 'failed', failure = ${failure}, worked_until = null
    where id = ${id} and state = 'checking'`);
}

async function commit(services: Services, one: Import): Promise<void> {
  const { db } = services;
  for (let after = one.written; after < one.row; after += rowsAtOnce) {
    const upTo = Math.min(after + rowsAtOnce, one.row);
    const [row] = await db.execute<{ done: boolean }>(sql`
      select enter_members(${one.id}::uuid, ${after}::int, ${upTo}::int) as done`);
    if (row?.done !== true) return;
    await renew(services, one.id);
  }
  for (;;) {
    const [row] = await db.execute<{ members: number }>(sql`
      select leave_missing(${one.id}::uuid, ${rowsAtOnce}::int) as members`);
    if (!row?.members) break;
  }
  await long(services, one.id, (tx) =>
    tx.execute(sql`
      update member_import i set state = 'done', done_at = clock(), ended_at = clock(), worked_until = null,
        counts = i.counts || (
          select jsonb_build_object(
            'new', count(*) filter (where verdict = 'new'),
            'changed', count(*) filter (where verdict = 'changed'),
            'unchanged', count(*) filter (where verdict = 'unchanged'),
            'rejected', count(*) filter (where verdict = 'rejected'),
            'leaving', (select count(*) from member_import_leaver l where l.import_id = i.id))
          from member_import_row r where r.import_id = i.id)
      where i.id = ${one.id} and i.state = 'committing'`),
  );
}

async function undo({ db }: Services, one: Import): Promise<void> {
  for (let after = one.written; after < one.row; after += rowsAtOnce) {
    const [row] = await db.execute<{ done: boolean }>(sql`
      select undo_members(${one.id}::uuid, ${after}::int, ${Math.min(after + rowsAtOnce, one.row)}::int) as done`);
    if (row?.done !== true) return;
  }
  for (;;) {
    const [row] = await db.execute<{ done: boolean }>(sql`
      select finish_undo(${one.id}::uuid, ${rowsAtOnce}::int) as done`);
    if (row?.done !== false) return;
  }
}

/** For the few statements that look at the whole import. */
function long(
  { db }: Services,
  id: string,
  statement: (tx: Parameters<Parameters<Services['db']['transaction']>[0]>[0]) => Promise<unknown>,
): Promise<void> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`set local statement_timeout = '300s'`);
    await tx.execute(sql`
      update member_import set worked_until = clock() + interval '300 seconds' where id = ${id}`);
    await statement(tx);
  });
}
