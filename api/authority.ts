import { type SQL, sql } from 'drizzle-orm';
import type { Actor } from './caller.ts';
import type { Ctx } from './context.ts';
import { Problem } from './errors.ts';

/** Who calls, for a route that nobody else may use. Whether he still may is for `authority()` to say. */
export function signedIn(c: Ctx): Actor {
  const { actor } = c.var;
  if (actor === null) throw new Problem('not_signed_in');
  return actor;
}

/** The caller's roles at this moment, as a table of SQL: a route joins it in its own one statement. */
export function authority(actor: Actor): SQL {
  const { userId, sessionAt, secondFactorAt } = actor;
  return sql`authority(${userId}, ${sessionAt}::timestamptz, ${secondFactorAt}::timestamptz)`;
}

/**
 * Says why a route's statement found nothing. Off the usual path, so it may ask the database once more. A foreign id and
 * a missing one get the same answer. Within a transaction it is asked there: a second connection, while the first is
 * held, could wait for those who wait for it.
 */
export async function refuse(
  c: Ctx,
  tx: Pick<Ctx['env']['db'], 'execute'> = c.env.db,
): Promise<never> {
  const actor = signedIn(c);
  const [standing] = await tx.execute<{ isLive: boolean; hasOffice: boolean }>(sql`
    select
      session_counts(u, ${actor.sessionAt}::timestamptz) as "isLive",
      exists (select from offices_held(u.id)) as "hasOffice"
    from auth_user u where u.id = ${actor.userId}`);
  if (standing?.isLive !== true) throw new Problem('session_revoked');
  if (standing.hasOffice && actor.secondFactorAt === null)
    throw new Problem('second_factor_required');
  throw new Problem('not_found');
}
