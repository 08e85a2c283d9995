import { sql } from 'drizzle-orm';
import { record } from '../audit/record.ts';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Columns } from '../../db/schema/imports.ts';
import { areEnough } from './columns.ts';
import { lockedImport } from './own.ts';
import { type ImportView, viewImport } from './view.ts';
import { work } from './work.ts';

/** Begins the dry run with these columns; it may be begun anew with others until the import is committed. */
export async function checkImport(
  c: Ctx,
  id: string,
  columns: Columns,
  isComplete: boolean,
): Promise<ImportView> {
  if (!areEnough(columns)) {
    throw new Problem('invalid_request', {
      fields: [
        {
          field: 'columns',
          message: 'must have a name, and a phone or an ID number, each its own',
        },
      ],
    });
  }
  await c.env.db.transaction(async (tx) => {
    await lockedImport(c, tx, id, ['uploaded', 'checked', 'failed']);
    await tx.execute(sql`delete from member_import_row where import_id = ${id}`);
    await tx.execute(sql`delete from member_import_leaver where import_id = ${id}`);
    await tx.execute(sql`
      update member_import set state = 'checking', columns = ${JSON.stringify(columns)}::jsonb,
        is_complete = ${isComplete}, position = 0, row = 0, written = 0, counts = '{}', failure = null
      where id = ${id}`);
  });
  return begun(c, id);
}

/** Begins to write what the dry run found. */
export async function commitImport(c: Ctx, id: string): Promise<ImportView> {
  await c.env.db.transaction(async (tx) => {
    const one = await lockedImport(c, tx, id, ['checked', 'committing', 'done']);
    if (one.state !== 'checked') return;
    await tx.execute(
      sql`update member_import set state = 'committing', written = 0 where id = ${id}`,
    );
    await note(c, tx, one.unionId, 'members.import', null, id);
  });
  return begun(c, id);
}

/** Begins to take back what was written, within a day. */
export async function undoImport(c: Ctx, id: string, reason: string): Promise<ImportView> {
  await c.env.db.transaction(async (tx) => {
    const one = await lockedImport(c, tx, id, ['done', 'undoing', 'undone']);
    if (one.state !== 'done') return;
    const [row] = await tx.execute(sql`
      update member_import set state = 'undoing', written = 0
      where id = ${id} and done_at + interval '24 hours' > clock() returning id`);
    if (!row) throw new Problem('undo_too_late');
    await note(c, tx, one.unionId, 'members.undo', reason, id);
  });
  return begun(c, id);
}

/** Gives it up before anything was written; its file is gone at once. */
export async function cancelImport(c: Ctx, id: string): Promise<ImportView> {
  await c.env.db.transaction(async (tx) => {
    const one = await lockedImport(c, tx, id, [
      'uploading',
      'uploaded',
      'checking',
      'checked',
      'failed',
      'cancelled',
    ]);
    if (one.state === 'cancelled') return;
    await tx.execute(sql`delete from member_import_part where import_id = ${id}`);
    await tx.execute(sql`
      update member_import set state = 'cancelled', ended_at = clock() where id = ${id}`);
    await note(c, tx, one.unionId, 'members.cancel', null, id);
  });
  return viewImport(c, id);
}

async function begun(c: Ctx, id: string): Promise<ImportView> {
  const view = await viewImport(c, id);
  c.env.after(work(c.env, id));
  return view;
}

function note(
  c: Ctx,
  tx: Parameters<typeof record>[0],
  unionId: number,
  action: 'members.import' | 'members.undo' | 'members.cancel',
  reason: string | null,
  id: string,
): Promise<void> {
  const { userId } = signedIn(c);
  return record(tx, {
    userId,
    unionId,
    action,
    subject: 'union',
    subjectId: unionId,
    reason,
    before: null,
    after: { import: id },
  });
}
