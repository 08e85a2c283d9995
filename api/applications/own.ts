import { sql } from 'drizzle-orm';
import type { application } from '../../db/schema/applications.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';

type Row = typeof application.$inferSelect;

export type OwnApplication = Pick<
  Row,
  | 'id'
  | 'kind'
  | 'nameZh'
  | 'nameEn'
  | 'licence'
  | 'contactName'
  | 'outlets'
  | 'state'
  | 'reason'
  | 'version'
> & { district: Named; submittedAt: Date; decidedAt: Date | null };

const ownMax = 50;

/** What the caller applied for, newest first, and what became of it. The phone he gave is not sent back. */
export async function listOwnApplications(c: Ctx): Promise<OwnApplication[]> {
  const { userId, sessionAt } = signedIn(c);
  const rows = await c.env.db.execute<OwnApplication | { id: null }>(sql`
    select a.id, a.kind, a.name_zh as "nameZh", a.name_en as "nameEn", a.licence,
      a.contact_name as "contactName", a.outlets, a.state, a.reason, a.version,
      case when a.id is not null then ${named('d')} end as district,
      a.submitted_at as "submittedAt", a.decided_at as "decidedAt"
    from auth_user u
      left join application a on a.user_id = u.id
      left join trade_union d on d.id = a.district_id
    where u.id = ${userId}
      and session_counts(u, ${sessionAt}::timestamptz)
    order by a.id desc
    limit ${ownMax}`);
  if (rows.length === 0) await refuse(c);
  return rows.filter((row) => row.id !== null);
}
