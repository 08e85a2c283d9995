import { eq, sql } from 'drizzle-orm';
import * as z from 'zod';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { officer, officeRoles } from '../../db/schema/roles.ts';
import { instant, text } from '../validate.ts';
import { lockOfficer, requireAnotherAdministrator } from './found-officer.ts';

export const officerChange = z
  .strictObject({
    role: z.enum(officeRoles).exactOptional(),
    endsAt: instant.nullable().exactOptional(),
    isSuspended: z.boolean().exactOptional(),
    reason: text(200),
  })
  .refine((change) => Object.keys(change).length > 1, 'changes nothing');

export type OfficerChanged = { id: number };

/** Gives an officer another role or end, suspends or readmits him; it counts from the next request on. */
export async function changeOfficer(
  c: Ctx,
  id: number,
  { role, endsAt, isSuspended, reason }: z.infer<typeof officerChange>,
): Promise<OfficerChanged> {
  const actor = signedIn(c);
  const changed = await c.env.db.transaction(async (tx) => {
    const found = await lockOfficer(tx, actor, id);
    if (!found) return undefined;
    const was = { role: found.role, endsAt: found.endsAt, isSuspended: found.suspendedAt !== null };
    const now = {
      role: role ?? was.role,
      endsAt: endsAt === undefined ? was.endsAt : endsAt === null ? null : new Date(endsAt),
      isSuspended: isSuspended ?? was.isSuspended,
    };
    if (now.role === 'administrator' && isMore(was, now) && !found.isFromAbove)
      throw new Problem('administrator_from_above');
    const isLoss = now.role !== 'administrator' || now.endsAt !== null || now.isSuspended;
    if (was.role === 'administrator' && isLoss && !found.isBelow)
      await requireAnotherAdministrator(tx, found);
    const keys = (Object.keys(was) as (keyof typeof was)[]).filter(
      (key) => was[key]?.valueOf() !== now[key]?.valueOf(),
    );
    if (keys.length === 0) return { id };
    await requireFuture(tx, keys.includes('endsAt') ? now.endsAt : null);
    await tx
      .update(officer)
      .set({
        role: now.role,
        endsAt: now.endsAt,
        suspendedAt: now.isSuspended ? (found.suspendedAt ?? sql`clock()`) : null,
      })
      .where(eq(officer.id, id));
    const only = (all: typeof was) => Object.fromEntries(keys.map((key) => [key, all[key]]));
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'officer.change',
      subject: 'officer',
      subjectId: id,
      reason,
      before: only(was),
      after: only(now),
    });
    return { id };
  });
  return changed ?? refuse(c);
}

type Held = { role: string; endsAt: Date | null; isSuspended: boolean };

/** An administrator whom his union's own could keep past his end, or bring back, would not be named from above. */
const isMore = (was: Held, now: Held): boolean =>
  was.role !== 'administrator' ||
  (was.isSuspended && !now.isSuspended) ||
  (now.endsAt?.getTime() ?? Infinity) > (was.endsAt?.getTime() ?? Infinity);

type Reading = { execute: Parameters<typeof lockOfficer>[0]['execute'] };

/** An office ends in the future: what is over is taken away by suspending it. */
export async function requireFuture(tx: Reading, endsAt: Date | null, days = 3_660): Promise<void> {
  if (endsAt === null) return;
  const isAhead = await tx.execute(sql`
    select where ${endsAt.toISOString()}::timestamptz > clock()
      and ${endsAt.toISOString()}::timestamptz <= clock() + make_interval(days => ${days}::int)`);
  if (isAhead.length === 0)
    throw new Problem('invalid_request', {
      fields: [{ field: 'endsAt', message: `must be within the next ${days} days` }],
    });
}
