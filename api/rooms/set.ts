import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { benefit } from '../../db/schema/benefits.ts';
import { room } from '../../db/schema/claims.ts';
import { openFreePlaces } from '../allocations/free-places.ts';
import { record } from '../audit/record.ts';
import { refuse, signedIn } from '../authority.ts';
import { lockClaimed, writeClaimTerms } from '../claims/terms.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { integer, text } from '../validate.ts';

export const roomForm = z
  .strictObject({
    placeZh: text(80),
    placeEn: text(160),
    peopleMax: integer(1, 1000),
    minutesMin: integer(15, 1440),
    minutesMax: integer(15, 1440),
    /** What the members of one company have of it together, from Monday to Sunday. */
    minutesAWeek: integer(15, 10_080),
    daysAhead: integer(1, 180),
    needsApproval: z.boolean(),
    cancelMinutes: integer(0, 43_200),
    lateCancelWeight: integer(0, 10),
    noShowWeight: integer(0, 10),
    /** Whose members may ask for it: the room's union, or one above it. */
    sharedWith: integer(1),
    /** Of the rules that were looked at; 0 where there were none. */
    version: integer(0),
    reason: text(200),
  })
  .refine(({ minutesMin, minutesMax }) => minutesMin <= minutesMax, {
    path: ['minutesMax'],
    message: 'is below minutesMin',
  })
  .refine(({ minutesMin, minutesAWeek }) => minutesMin <= minutesAWeek, {
    path: ['minutesAWeek'],
    message: 'is below minutesMin',
  });

export type RoomForm = z.infer<typeof roomForm>;

/**
 * Shares a room, or changes its rules: from then on the benefit is claimed by the hour, as long as it lasts, by the members
 * of the union that is named. It costs nothing, and what it needs of places it has.
 */
export async function setRoom(
  c: Ctx,
  benefitId: number,
  { reason, version: seen, ...form }: RoomForm,
): Promise<{ version: number }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const row = await lockClaimed(tx, actor, benefitId);
    if (!row) return undefined;
    if (row.priceFen > 0) throw new Problem('room_not_free');
    const { sharedWith, needsApproval, cancelMinutes, lateCancelWeight, noShowWeight, ...rules } =
      form;
    const above = await tx.execute(sql`
      select from trade_union u where u.id = ${row.unionId} and ${sharedWith}::int = any(u.path)`);
    if (above.length === 0)
      throw new Problem('invalid_request', {
        fields: [{ field: 'sharedWith', message: 'is neither its union nor above it' }],
      });
    const [before] = await tx
      .select()
      .from(room)
      .where(sql`benefit_id = ${benefitId}`);
    const [opened] = await tx.execute<{ opensAt: string }>(sql`
      select iso(coalesce((select opens_at from claim_terms where benefit_id = ${benefitId}), clock()))
        as "opensAt"`);
    const terms = await writeClaimTerms(tx, row, {
      kind: 'room',
      version: seen,
      opensAt: opened?.opensAt ?? '',
      closesAt: row.endsAt.toISOString(),
      holdMinutes: null,
      cancelMinutes,
      hasWaitList: false,
      answerMinutes: 60,
      needsApproval,
      doorMinutes: 60,
      walkIns: false,
      questions: [],
      lateCancelWeight,
      noShowWeight,
    });
    await tx
      .insert(room)
      .values({ ...rules, benefitId })
      .onConflictDoUpdate({ target: room.benefitId, set: rules });
    const audience = { ...row.audience, unions: [sharedWith] };
    await tx
      .update(benefit)
      .set({ audience, version: row.version + 1 })
      .where(sql`id = ${benefitId}`);
    await openFreePlaces(tx, row);
    await record(tx, {
      userId: actor.userId,
      unionId: row.unionId,
      action: 'room.set',
      subject: 'benefit',
      subjectId: benefitId,
      reason,
      before: before ? { ...fieldsOf(before), ...terms.before, audience: row.audience } : null,
      after: { ...fieldsOf(rules), ...terms.after, audience },
    });
    return { version: terms.version };
  });
  return done ?? refuse(c);
}

type Rules = Omit<typeof room.$inferSelect, 'benefitId'>;

const fieldsOf = ({
  placeZh,
  placeEn,
  peopleMax,
  minutesMin,
  minutesMax,
  minutesAWeek,
  daysAhead,
}: Rules) => ({ placeZh, placeEn, peopleMax, minutesMin, minutesMax, minutesAWeek, daysAhead });
