import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { cellOfMember } from '../members/member-id.ts';
import { holding } from '../unions/office.ts';

export const clerkHoursMax = 12;

type Asked = { unionId: number; hasPhone: boolean };

const asked = (actor: Actor, id: number) => sql`
  with office as materialized (${holding(actor, 'members')})
  select u.id as "unionId", exists (
    select from card c
    where c.cell = a.cell and c.member_id = a.member_id and c.kind = 'phone' and c.status = 'live'
  ) as "hasPhone"
  from affiliation a join trade_union u on u.id = a.union_id
  where a.cell = ${cellOfMember(id)} and a.member_id = ${id} and a.ended_at is null
    and exists (select from office o where o.union_id = any(u.path))`;

/**
 * A clerk of the member's union acts for him, who has no card on a phone, for some hours of this day: with a reason, in
 * the audit, and within the same limits. Asking again while it runs gives it anew.
 */
export async function actFor(
  c: Ctx,
  member: number,
  { reason, hours }: { reason: string; hours: number },
): Promise<{ id: number; endsAt: Date }> {
  const actor = signedIn(c);
  const cell = cellOfMember(member);
  const done = await c.env.db.transaction(async (tx) => {
    const [first] = await tx.execute<Asked>(asked(actor, member));
    if (!first) return undefined;
    await tx.execute(
      sql`select from member where cell = ${cell} and id = ${member} for no key update`,
    );
    const [found] = await tx.execute<Asked>(asked(actor, member));
    if (!found) return undefined;
    if (found.hasPhone) throw new Problem('member_has_card');
    await tx.execute(sql`
      select end_proxies(array(
        select id from proxy
        where cell = ${cell} and member_id = ${member} and user_id = ${actor.userId}
          and ended_at is null))`);
    const [made] = await tx.execute<{ id: number; endsAt: Date }>(sql`
      insert into proxy (
        cell, member_id, user_id, kind, label, named_by, started_at, accepted_at, ends_at)
      select ${cell}, ${member}, ${actor.userId}, 'clerk', ${reason}, ${actor.userId}, now, now,
        now + ${hours} * interval '1 hour'
      from (select clock() as now) t
      returning id, ends_at as "endsAt"`);
    if (!made) throw new Error('The clerk was not stored.');
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'proxy.appoint',
      subject: 'member',
      subjectId: member,
      reason,
      before: null,
      after: { expiresAt: made.endsAt },
    });
    return made;
  });
  return done ?? refuse(c);
}
