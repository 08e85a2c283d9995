import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { wave, waveUnits } from '../../db/schema/claims.ts';
import { record } from '../audit/record.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { instant, integer, text } from '../validate.ts';
import { lockClaimed } from './terms.ts';

export const waveForm = z.strictObject({
  opensAt: instant,
  units: z
    .array(z.strictObject({ session: integer(1), units: integer(1, 1_000_000) }))
    .min(1)
    .max(200)
    .refine((all) => new Set(all.map(({ session }) => session)).size === all.length, {
      message: 'name each session once',
    }),
  reason: text(200),
});

const secondsAheadMin = 10;

/** Units of a drop's sessions that will be let go at an instant to come. Nobody changes it afterwards. */
export async function addWave(
  c: Ctx,
  benefitId: number,
  { opensAt, units, reason }: z.infer<typeof waveForm>,
): Promise<{ id: number }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const row = await lockClaimed(tx, actor, benefitId);
    if (!row) return undefined;
    if (row.claimKind !== 'drop') throw new Problem('claims_not_set');
    const sessions = units.map(({ session }) => session);
    const [found] = await tx.execute<Found>(sql`
      select (
          select count(*)::int from session s
          where s.id = any(${sql.param(sessions)}::int[]) and s.benefit_id = ${benefitId}
            and s.cancelled_at is null and s.starts_at > ${opensAt}::timestamptz
        ) as known,
        (select coalesce(sum(a.cap), 0)::int from allocation a where a.benefit_id = ${benefitId}) as places,
        exists (
          select from claim_terms t
          where t.benefit_id = ${benefitId} and t.closes_at > ${opensAt}::timestamptz
        ) as "isOpen",
        ${opensAt}::timestamptz > clock() + make_interval(secs => ${secondsAheadMin}) as "isAhead",
        exists (
          select from wave w where w.benefit_id = ${benefitId} and w.opens_at = ${opensAt}::timestamptz
        ) as "isTaken"`);
    const wrong = wrongInstant(found);
    if (wrong)
      throw new Problem('invalid_request', { fields: [{ field: 'opensAt', message: wrong }] });
    if ((found?.known ?? 0) < sessions.length) throw new Problem('session_unknown');
    // A wave stays as it is, so a figure with too many digits would stay, too.
    if (units.reduce((sum, one) => sum + one.units, 0) > (found?.places ?? 0))
      throw new Problem('invalid_request', {
        fields: [{ field: 'units', message: 'are more than the benefit has places' }],
      });
    const [made] = await tx
      .insert(wave)
      .values({ benefitId, opensAt: new Date(opensAt) })
      .returning({ id: wave.id });
    if (!made) throw new Error('The insert returned no row.');
    await tx
      .insert(waveUnits)
      .values(units.map((one) => ({ waveId: made.id, sessionId: one.session, units: one.units })));
    await record(tx, {
      userId: actor.userId,
      unionId: row.unionId,
      action: 'wave.add',
      subject: 'benefit',
      subjectId: benefitId,
      reason,
      before: null,
      after: { opensAt, units: units.reduce((sum, one) => sum + one.units, 0) },
    });
    return made;
  });
  return done ?? refuse(c);
}

type Found = { known: number; places: number; isAhead: boolean; isOpen: boolean; isTaken: boolean };

function wrongInstant(found: Found | undefined): string | undefined {
  if (found?.isAhead !== true) return 'is past';
  if (!found.isOpen) return 'is when nothing can be claimed any more';
  return found.isTaken ? 'has a wave already' : undefined;
}
