import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import type { listSessions } from '../sessions/own.ts';
import { holding } from '../unions/office.ts';
import { lockOfficer } from './found-officer.ts';

type SessionView = Awaited<ReturnType<typeof listSessions>>[number];

/** The live sessions of an officer whose union's people are the caller's. */
export async function listOfficerSessions(c: Ctx, id: number): Promise<SessionView[]> {
  const actor = signedIn(c);
  const [found] = await c.env.db.execute<{ sessions: SessionView[] }>(sql`
    select coalesce((
      select jsonb_agg(jsonb_build_object('id', s.id, 'device', nullif(s.user_agent, ''),
          'beganAt', iso(s.created_at), 'seenAt', iso(s.updated_at),
          'secondFactorAt', iso(s.second_factor_at), 'isThis', false) order by s.updated_at desc, s.id)
      from auth_session s join auth_user w on w.id = s.user_id
      where s.user_id = f.user_id and s.expires_at > clock() and session_counts(w, s.created_at)), '[]')
      as sessions
    from officer f join trade_union u on u.id = f.union_id
    where f.id = ${id}
      and exists (select from (${holding(actor, 'people')}) o where o.union_id = any(u.path))`);
  return found ? found.sessions : refuse(c);
}

/** Signs an officer out everywhere; he may sign in again while he is in office. */
export async function endOfficerSessions(
  c: Ctx,
  id: number,
  reason: string,
): Promise<{ id: number }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const found = await lockOfficer(tx, actor, id);
    if (!found) return undefined;
    await tx.execute(sql`select end_sessions(${found.userId})`);
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'sessions.end',
      subject: 'officer',
      subjectId: id,
      reason,
      before: null,
      after: null,
    });
    return { id };
  });
  return done ?? refuse(c);
}
