import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { holding } from '../unions/office.ts';

export type NewImport = { unionId: number; fileName: string; bytes: number };

const openMax = 20;

/** Begins an import. The caller makes its id, so a repeated request finds what the first one made. */
export async function createImport(
  c: Ctx,
  id: string,
  { unionId, fileName, bytes }: NewImport,
): Promise<{ id: string }> {
  const actor = signedIn(c);
  const [row] = await c.env.db.execute<{ open: number }>(sql`
    with office as materialized (${holding(actor, 'members')})
    select (
      select count(*)::int from member_import i
      where i.union_id = u.id and i.state in ('uploading', 'uploaded', 'checking', 'checked') and i.id <> ${id}
    ) as open
    from trade_union u
    where u.id = ${unionId} and exists (select from office o where o.union_id = any(u.path))`);
  if (!row) return refuse(c);
  if (row.open >= openMax) throw new Problem('too_many_attempts');
  await c.env.db.execute(sql`
    insert into member_import (id, union_id, user_id, file_name, bytes, created_at)
    values (${id}, ${unionId}, ${actor.userId}, ${fileName}, ${bytes}, clock())
    on conflict (id) do nothing`);
  const [made] = await c.env.db.execute<{ id: string }>(sql`
    select id from member_import
    where id = ${id} and union_id = ${unionId} and user_id = ${actor.userId} and bytes = ${bytes}`);
  return made ?? refuse(c);
}
