import { sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import { type Cursor, encodeCursor } from '../cursor.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { offices, requireOffice } from '../unions/office.ts';
import { type actions, type Fields, sealActions, type subjects } from './record.ts';

export type AuditView = {
  id: number;
  at: Date;
  /** Who did it: a colleague in office, or the manager of a partner. */
  actor: { id: string; name: string | null };
  /** The second person, where it took two. */
  confirmedBy: { id: string; name: string | null } | null;
  union: Named;
  action: (typeof actions)[number];
  subject: (typeof subjects)[number];
  subjectId: string;
  reason: string | null;
  before: Fields | null;
  after: Fields | null;
  /** Its place in the chain of its district; null until it is linked. */
  seq: number | null;
};

export type AuditFilter = {
  action?: string;
  subject?: string;
  subjectId?: string;
  union?: number;
  /** Who did it, or confirmed it. */
  by?: string;
  from?: string;
  to?: string;
  cursor?: Cursor;
  limit: number;
};

/** Administrative changes for unions of the caller's scope, newest first; the seals of days only where they are asked for. */
export async function listAudit(
  c: Ctx,
  { action, subject, subjectId, union, by, from, to, cursor, limit }: AuditFilter,
): Promise<{ entries: AuditView[]; next: string | null }> {
  const actor = signedIn(c);
  const rows = await c.env.db.execute<AuditView>(sql`
    with office as materialized (${offices(actor)})
    select e.id, e.at, jsonb_build_object('id', e.user_id, 'name', w.name) as actor,
      case when e.confirmed_by is not null then
        jsonb_build_object('id', e.confirmed_by, 'name', v.name) end as "confirmedBy",
      ${named('u')} as union, e.action, e.subject, e.subject_id as "subjectId", e.reason, e.before, e.after,
      l.seq as "seq"
    from audit_entry e
      join trade_union u on u.id = e.union_id
      left join auth_user w on w.id = e.user_id
      left join auth_user v on v.id = e.confirmed_by
      left join audit_link l on l.entry_id = e.id
    where exists (select from office o where o.union_id = any(u.path))
      and (${cursor?.id ?? null}::bigint is null or e.id < ${cursor?.id ?? null}::bigint)
      and case when ${action ?? null}::text is null then e.action <> all(${sql.param(sealActions)}::text[]) else e.action = ${action ?? null} end
      and (${subject ?? null}::text is null or e.subject = ${subject ?? null})
      and (${subjectId ?? null}::text is null or e.subject_id = ${subjectId ?? null})
      and (${union ?? null}::int is null or u.path @> array[${union ?? null}::int])
      and (${by ?? null}::text is null or ${by ?? null} in (e.user_id, e.confirmed_by))
      and (${from ?? null}::date is null or e.at >= day_begin(${from ?? null}))
      and (${to ?? null}::date is null or e.at < day_begin(${to ?? null}::date + 1))
    order by e.id desc
    limit ${limit + 1}`);
  if (rows.length === 0) await requireOffice(c, actor);
  const entries = rows.slice(0, limit);
  const last = entries.at(-1);
  const next =
    rows.length > limit && last ? encodeCursor({ micros: 0, id: String(last.id) }) : null;
  return { entries, next };
}
