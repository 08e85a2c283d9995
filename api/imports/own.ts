import { type SQL, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { holding } from '../unions/office.ts';
import type { Columns, memberImport } from '../../db/schema/imports.ts';

export type State = (typeof memberImport.$inferSelect)['state'];

export type Import = {
  id: string;
  unionId: number;
  state: State;
  bytes: number;
  encoding: 'utf-8' | 'gb18030' | null;
  delimiter: string | null;
  columns: Columns | null;
  isComplete: boolean;
  position: number;
  row: number;
  written: number;
  rows: number;
  doneAt: Date | null;
};

const found = sql`
  i.id, i.union_id as "unionId", i.state, i.bytes, i.encoding, i.delimiter, i.columns,
  i.is_complete as "isComplete", i.position, i.row, i.written, i.row as rows, i.done_at as "doneAt"`;

/** An import of a union whose members are the caller's to keep; anybody else finds none. */
export async function ownImport(
  c: Ctx,
  tx: Pick<Tx, 'execute'>,
  id: string,
  lock: SQL = sql``,
): Promise<Import> {
  const [row] = await tx.execute<Import>(sql`
    with office as materialized (${holding(signedIn(c), 'members')})
    select ${found} from member_import i join trade_union u on u.id = i.union_id
    where i.id = ${id} and exists (select from office o where o.union_id = any(u.path)) ${lock}`);
  return row ?? refuse(c, tx);
}

/** The same, kept from everybody else until the transaction ends, in one of these states. */
export async function lockedImport(
  c: Ctx,
  tx: Tx,
  id: string,
  states: readonly State[],
): Promise<Import> {
  const row = await ownImport(c, tx, id, sql`for update of i`);
  if (!states.includes(row.state))
    throw new Problem('import_at_another_step', { state: row.state });
  return row;
}

/** For work that nobody waits for: whoever may was asked when it was begun. */
export async function anyImport(tx: Pick<Tx, 'execute'>, id: string): Promise<Import | undefined> {
  const [row] = await tx.execute<Import>(
    sql`select ${found} from member_import i where i.id = ${id}`,
  );
  return row;
}
