import { eq, sql } from 'drizzle-orm';
import * as z from 'zod';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { phoneHash } from '../members/personal-data.ts';
import { phoneNumber, readPhone } from '../sessions/phone.ts';
import { invitation, officeRoles } from '../../db/schema/roles.ts';
import { holding } from '../unions/office.ts';
import { instant, text } from '../validate.ts';
import { requireFuture } from './change.ts';

export const newInvitation = z.strictObject({
  phone: phoneNumber,
  name: text(40),
  role: z.enum(officeRoles),
  /** When the office ends; null: open. */
  endsAt: instant.nullable(),
  reason: text(200),
});

export type Invited = { id: number; expiresAt: Date };

/**
 * Names the holder of a phone for an office of a union; he accepts when he next signs in. A union's administrator names
 * its other people; its administrators are named from above, the city's by its own.
 */
export async function inviteOfficer(
  c: Ctx,
  unionId: number,
  { phone, name, role, endsAt, reason }: z.infer<typeof newInvitation>,
): Promise<Invited> {
  const actor = signedIn(c);
  const e164 = readPhone(phone);
  const hash = await phoneHash(c.env.config.secret, e164);
  const made = await c.env.db.transaction(async (tx) => {
    const [union] = await tx.execute<{ isFromAbove: boolean; isOfficer: boolean }>(sql`
      with office as materialized (${holding(actor, 'people')})
      select
        u.level = 1 or exists (select from office o where o.union_id = any(u.path) and o.union_id <> u.id)
          as "isFromAbove",
        exists (
          select from officer f join auth_user w on w.id = f.user_id
          where f.union_id = u.id and f.suspended_at is null and (f.ends_at > clock()) is not false
            and w.phone_number = ${hash}) as "isOfficer"
      from trade_union u
      where u.id = ${unionId} and exists (select from office o where o.union_id = any(u.path))
      for no key update of u`);
    if (!union) return undefined;
    if (role === 'administrator' && !union.isFromAbove)
      throw new Problem('administrator_from_above');
    if (union.isOfficer) throw new Problem('officer_exists');
    const ends = endsAt === null ? null : new Date(endsAt);
    await requireFuture(tx, ends);
    await tx.execute(sql`
      update invitation set state = 'withdrawn', decided_at = clock()
      where phone_hash = ${hash} and union_id = ${unionId} and state = 'open' and expires_at <= clock()`);
    const [row] = await tx
      .insert(invitation)
      .values({
        phoneHash: hash,
        phoneEnd: e164.slice(-4),
        name,
        unionId,
        role,
        endsAt: ends,
        invitedBy: actor.userId,
        invitedAt: sql`clock()`,
        expiresAt: sql`clock() + interval '14 days'`,
      })
      .onConflictDoNothing()
      .returning({ id: invitation.id, expiresAt: invitation.expiresAt });
    if (!row) throw new Problem('officer_exists');
    await record(tx, {
      userId: actor.userId,
      unionId,
      action: 'officer.invite',
      subject: 'invitation',
      subjectId: row.id,
      reason,
      before: null,
      after: { role, endsAt: ends },
    });
    return row;
  });
  return made ?? refuse(c);
}

export type Withdrawn = { id: number; state: 'withdrawn' };

/** Takes an invitation back that nobody answered yet. */
export async function withdrawInvitation(c: Ctx, id: number, reason: string): Promise<Withdrawn> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<{ unionId: number; isOpen: boolean }>(sql`
      with office as materialized (${holding(actor, 'people')})
      select i.union_id as "unionId", i.state = 'open' as "isOpen"
      from invitation i join trade_union u on u.id = i.union_id
      where i.id = ${id} and exists (select from office o where o.union_id = any(u.path))
      for no key update of i`);
    if (!found) return undefined;
    if (!found.isOpen) throw new Problem('invitation_closed');
    await tx
      .update(invitation)
      .set({ state: 'withdrawn', decidedAt: sql`clock()` })
      .where(eq(invitation.id, id));
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'invitation.withdraw',
      subject: 'invitation',
      subjectId: id,
      reason,
      before: null,
      after: { state: 'withdrawn' },
    });
    return { id, state: 'withdrawn' as const };
  });
  return done ?? refuse(c);
}
