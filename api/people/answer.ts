import { eq, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { invitation, type OfficeRole } from '../../db/schema/roles.ts';

export type Answered = { id: number; state: 'accepted' | 'declined' };

type Found = {
  unionId: number;
  name: string;
  role: OfficeRole;
  endsAt: Date | null;
  isOpen: boolean;
  isOver: boolean;
  isStanding: boolean;
};

/**
 * What the invited person says, signed in with the phone that was named. He has the office at once, in a session with
 * a second factor; nobody gets one whose inviter may no longer give it.
 */
export async function answerInvitation(c: Ctx, id: number, accept: boolean): Promise<Answered> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<Found>(sql`
      select i.union_id as "unionId", i.name, i.role, i.ends_at as "endsAt", i.state = 'open' as "isOpen",
        i.expires_at <= clock() or i.ends_at <= clock() as "isOver",
        exists (
          select from offices_held(i.invited_by) f
          where role_may(f.role, 'people') and f.union_id = any(t.path)
            and (i.role <> 'administrator' or t.level = 1 or f.union_id <> t.id)) as "isStanding"
      from invitation i
        join trade_union t on t.id = i.union_id
        join auth_user u on u.phone_number = i.phone_hash
      where i.id = ${id} and u.id = ${actor.userId}
        and session_counts(u, ${actor.sessionAt}::timestamptz)
      for no key update of i`);
    if (!found) return undefined;
    if (!found.isOpen || found.isOver || (accept && !found.isStanding))
      throw new Problem('invitation_closed');
    const state = accept ? ('accepted' as const) : ('declined' as const);
    await tx
      .update(invitation)
      .set({ state, decidedAt: sql`clock()` })
      .where(eq(invitation.id, id));
    const officer = accept ? await appoint(tx, actor.userId, id) : null;
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: accept ? 'officer.appoint' : 'invitation.decline',
      subject: officer === null ? 'invitation' : 'officer',
      subjectId: officer ?? id,
      reason: null,
      before: null,
      after: accept ? { role: found.role, endsAt: found.endsAt } : { state },
    });
    return { id, state };
  });
  return done ?? refuse(c);
}

/**
 * Whoever is in office there already keeps what he has. One who was suspended, or whose time was over, begins anew: what
 * he had lent does not come back with it.
 */
async function appoint(tx: Tx, userId: string, invitationId: number): Promise<number> {
  const [made] = await tx.execute<{ id: number }>(sql`
    insert into officer as f (user_id, union_id, role, starts_at, ends_at, appointed_by)
    select ${userId}, i.union_id, i.role, clock(), i.ends_at, i.invited_by
    from invitation i where i.id = ${invitationId}
    on conflict (user_id, union_id) do update
      set role = excluded.role, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
        appointed_by = excluded.appointed_by, suspended_at = null
      where f.suspended_at is not null or f.ends_at <= clock()
    returning f.id`);
  if (!made) throw new Problem('officer_exists');
  await tx.execute(sql`
    update delegation set ended_at = clock(), ended_by = 'service'
    where officer_id = ${made.id} and ended_at is null`);
  await tx.execute(sql`
    update auth_user u set name = i.name from invitation i
    where u.id = ${userId} and i.id = ${invitationId} and u.name = ''`);
  return made.id;
}
