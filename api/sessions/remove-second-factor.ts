import { sql } from 'drizzle-orm';
import type { Orm } from '../../db/client.ts';
import { record } from '../audit/record.ts';

/** Who the audit names where nobody was signed in: whoever may run commands on the server. */
const byCommand = 'command';

/**
 * For an officer whose authenticator is lost: removes it and signs him out everywhere, so that he sets up another one at
 * the next sign-in. Answers his highest union's name; null where the phone's holder has no office or no authenticator.
 */
export function removeSecondFactor(db: Orm, phoneHash: string): Promise<string | null> {
  return db.transaction(async (tx) => {
    const [officer] = await tx.execute<{ userId: string; unionId: number; union: string }>(sql`
      select f.user_id as "userId", t.id as "unionId", t.name_zh as union
      from auth_user u
      join officer f on f.user_id = u.id
      join trade_union t on t.id = f.union_id
      where u.phone_number = ${phoneHash}
      order by t.level, t.id limit 1`);
    if (!officer) return null;
    const { userId, unionId, union } = officer;
    const removed = await tx.execute(
      sql`delete from second_factor where user_id = ${userId} returning 1`,
    );
    if (removed.length === 0) return null;
    await tx.execute(sql`select end_sessions(${userId})`);
    await record(tx, {
      userId: byCommand,
      unionId,
      action: 'second_factor.remove',
      subject: 'union',
      subjectId: unionId,
      reason: null,
      before: { userId },
      after: null,
    });
    return union;
  });
}
