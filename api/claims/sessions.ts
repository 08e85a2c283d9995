import { eq, sql } from 'drizzle-orm';
import * as z from 'zod';
import { session } from '../../db/schema/claims.ts';
import { record, type Tx } from '../audit/record.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Actor } from '../caller.ts';
import type { LockedBenefit } from '../benefits/terms-lock.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { instant, integer, text } from '../validate.ts';
import { requirePrizeChange } from './draw-fixed.ts';
import { lockClaimed } from './terms.ts';

const words = (lengthMax: number) => z.union([z.literal(''), text(lengthMax)]).default('');

export const sessionForm = z
  .strictObject({
    titleZh: words(60),
    titleEn: words(120),
    placeZh: words(80),
    placeEn: words(160),
    outlet: integer(1).nullable().default(null),
    startsAt: instant.nullable().default(null),
    endsAt: instant.nullable().default(null),
    priceFen: integer(0, 100_000_000).nullable().default(null),
    cap: integer(0, 1_000_000),
  })
  .refine(({ startsAt, endsAt }) => (startsAt === null) === (endsAt === null), {
    path: ['endsAt'],
    message: 'goes with startsAt',
  })
  .refine(
    ({ startsAt, endsAt }) =>
      startsAt === null || endsAt === null || Date.parse(startsAt) < Date.parse(endsAt),
    { path: ['endsAt'], message: 'must be after startsAt' },
  );

/** One, or a whole series of them. */
export const sessionsForm = z.strictObject({
  sessions: z.array(sessionForm).min(1).max(500),
  reason: text(200),
});

export type SessionForm = z.infer<typeof sessionForm>;

/** Adds sessions to a benefit that is claimed, within its own dates and hours, at outlets that are open. */
export async function addSessions(
  c: Ctx,
  benefitId: number,
  { sessions, reason }: { sessions: SessionForm[]; reason: string },
): Promise<{ ids: number[] }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const row = await lockClaimed(tx, actor, benefitId);
    if (!row) return undefined;
    if (row.claimKind === null || row.claimKind === 'room') throw new Problem('claims_not_set');
    const claimKind = row.claimKind;
    await requireFitting(tx, row, sessions);
    await requirePrizeChange(tx, benefitId, 'add');
    const outlets = [...new Set(sessions.flatMap(({ outlet }) => outlet ?? []))];
    const open = await tx.execute<{ id: number }>(sql`
      select o.id from outlet o join benefit_partner a on a.partner_id = o.partner_id
      where o.id = any(${sql.param(outlets)}::int[]) and o.closed_at is null
        and a.benefit_id = ${benefitId} and a.state <> 'ended'`);
    const missing = outlets.find((outlet) => !open.some(({ id }) => id === outlet));
    if (missing !== undefined) throw new Problem('partner_not_admitted');
    const made = await tx
      .insert(session)
      .values(
        sessions.map(({ outlet, startsAt, endsAt, cap, ...rest }) => ({
          ...rest,
          benefitId,
          outletId: outlet,
          startsAt: startsAt === null ? null : new Date(startsAt),
          endsAt: endsAt === null ? null : new Date(endsAt),
          // The waves of a drop bring its units.
          cap: claimKind === 'drop' ? 0 : cap,
        })),
      )
      .returning({ id: session.id });
    const ids = made.map(({ id }) => id);
    await record(tx, {
      userId: actor.userId,
      unionId: row.unionId,
      action: 'session.add',
      subject: 'benefit',
      subjectId: benefitId,
      reason,
      before: null,
      after: { sessions: ids, cap: sessions.reduce((sum, { cap }) => sum + cap, 0) },
    });
    return { ids };
  });
  return done ?? refuse(c);
}

/** How many units may be taken; never fewer than are. What a higher cap adds is offered to who waits. */
export async function resizeSession(
  c: Ctx,
  sessionId: number,
  { cap, reason }: { cap: number; reason: string },
): Promise<{ cap: number }> {
  return change(c, sessionId, async (tx, actor, row, found) => {
    if (found.isRoom) throw new Problem('claims_not_set');
    if (found.cancelledAt !== null) throw new Problem('session_cancelled');
    await requirePrizeChange(tx, row.id, cap < found.cap ? 'lower' : 'raise');
    const [answer] = await tx.execute<{ done: boolean }>(sql`
      select resize_session(${sessionId}, ${cap}) as done`);
    if (answer?.done !== true)
      throw new Problem('cap_below_used', { used: await takenOf(tx, sessionId) });
    await record(tx, {
      ...ofSession(actor, row, sessionId, reason),
      action: 'session.resize',
      before: { cap: found.cap },
      after: { cap },
    });
    return { cap };
  });
}

/** Calls it off; everybody who has a claim of it is told why, and nobody is marked for it. Answers how many they are. */
export async function cancelSession(
  c: Ctx,
  sessionId: number,
  reason: string,
): Promise<{ cancelled: number }> {
  return change(c, sessionId, async (tx, actor, row, found) => {
    await requirePrizeChange(tx, row.id, 'cancel');
    const [answer] = await tx.execute<{ done: boolean }>(sql`
      select cancel_session(${sessionId}, ${actor.userId}, ${reason}) as done`);
    if (answer?.done !== true)
      throw new Problem(found.cancelledAt === null ? 'session_over' : 'session_cancelled');
    const [told] = await tx.execute<{ claims: number }>(sql`
      select count(*)::int as claims from claim c join session s on s.id = c.session_id
      where s.id = ${sessionId} and c.state = 'cancelled' and c.changed_at = s.cancelled_at`);
    const cancelled = told?.claims ?? 0;
    await record(tx, {
      ...ofSession(actor, row, sessionId, reason),
      action: 'session.cancel',
      before: { claims: cancelled },
      after: null,
    });
    return { cancelled };
  });
}

async function takenOf(tx: Tx, sessionId: number): Promise<number> {
  const [found] = await tx.execute<{ taken: number }>(sql`
    select taken from session where id = ${sessionId}`);
  return found?.taken ?? 0;
}

type Found = typeof session.$inferSelect;

async function change<T>(
  c: Ctx,
  sessionId: number,
  work: (tx: Tx, actor: Actor, row: LockedBenefit, found: Found) => Promise<T>,
): Promise<T> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const [of] = await tx
      .select({ benefitId: session.benefitId })
      .from(session)
      .where(eq(session.id, sessionId));
    const row = of && (await lockClaimed(tx, actor, of.benefitId));
    if (!row) return undefined;
    // Nobody else changes it now but by claiming.
    const [found] = await tx.select().from(session).where(eq(session.id, sessionId));
    return found && work(tx, actor, row, found);
  });
  return done ?? refuse(c);
}

const ofSession = (actor: Actor, { unionId }: LockedBenefit, id: number, reason: string) => ({
  userId: actor.userId,
  unionId,
  subject: 'session' as const,
  subjectId: id,
  reason,
});

const misfits = {
  benefit_not_started: 'is outside of the benefit’s own dates',
  benefit_ended: 'is outside of the benefit’s own dates',
  benefit_not_today: 'is not on a weekday of the benefit’s',
  benefit_not_at_this_hour: 'is not within the benefit’s hours',
  session_over: 'is past',
};

/** Nobody could claim what begins when the benefit itself may not be used. */
async function requireFitting(
  tx: Tx,
  { id, claimKind, priceFen }: LockedBenefit,
  sessions: readonly SessionForm[],
): Promise<void> {
  const wrong = (i: number, field: string, message: string) =>
    new Problem('invalid_request', { fields: [{ field: `sessions.${i}.${field}`, message }] });
  const isTimed = claimKind === 'drop' || claimKind === 'slot';
  for (const [i, one] of sessions.entries()) {
    if (one.priceFen !== null && one.priceFen > priceFen)
      throw wrong(i, 'priceFen', 'is higher than the benefit’s');
    if (one.startsAt === null && isTimed) throw wrong(i, 'startsAt', 'is missing');
  }
  const starts = sessions.map(({ startsAt }) => startsAt);
  const [found] = await tx.execute<{ i: number; misfit: keyof typeof misfits }>(sql`
    select i, misfit
    from benefit b
    cross join unnest(${sql.param(starts)}::text[]::timestamptz[]) with ordinality as begin (at, i)
    cross join lateral (
      select case when at <= clock() then 'session_over' else benefit_refusal(
        jsonb_populate_record(b, '{"stage": "published", "paused_at": null}'),
        null, null, null, true, 1, 1, at, at
      ) end as misfit
    ) judged
    where b.id = ${id} and at is not null and misfit is not null
    order by i
    limit 1`);
  if (found) throw wrong(found.i - 1, 'startsAt', misfits[found.misfit]);
}
