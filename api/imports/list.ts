import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import type { Counts } from '../../db/schema/imports.ts';
import { holding } from '../unions/office.ts';
import type { State } from './own.ts';

export type ImportLine = {
  id: string;
  fileName: string;
  state: State;
  counts: Counts;
  createdAt: Date;
  doneAt: Date | null;
  by: string;
};

const linesMax = 20;

/** A union's latest imports, newest first: where somebody goes on with one. */
export async function listImports(c: Ctx, unionId: number): Promise<ImportLine[]> {
  const [scope] = await c.env.db.execute<{ imports: ImportLine[] }>(sql`
    with office as materialized (${holding(signedIn(c), 'members')})
    select coalesce((
      select jsonb_agg(l order by l."createdAt" desc) from (
        select i.id, i.file_name as "fileName", i.state, i.counts, i.created_at as "createdAt",
          i.done_at as "doneAt", w.name as by
        from member_import i join auth_user w on w.id = i.user_id
        where i.union_id = u.id and i.state <> 'cancelled'
        order by i.created_at desc limit ${linesMax}) l), '[]') as imports
    from trade_union u
    where u.id = ${unionId} and exists (select from office o where o.union_id = any(u.path))`);
  return scope?.imports ?? refuse(c);
}
