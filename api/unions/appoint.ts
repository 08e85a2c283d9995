import type { Orm } from '../../db/client.ts';
import { sql } from 'drizzle-orm';
import { record } from '../audit/record.ts';

export type Appointment = {
  /** Keyed hash of the phone the administrator signs in with. */
  phoneHash: string;
  /** A union's id, its name, or a district's code; null: the city union. */
  union: string | null;
};

/** Who the audit names where nobody was signed in: whoever may run commands on the server. */
const byCommand = 'command';

/**
 * Makes the holder of a phone an administrator of a union: the way into a new installation, and back into one whose last
 * administrator is gone. Answers the union's name; null when there is no such union.
 */
export function appoint(db: Orm, { phoneHash, union }: Appointment): Promise<string | null> {
  return db.transaction(async (tx) => {
    const [found] = await tx.execute<{ id: number; name: string }>(sql`
      select id, name_zh as name from trade_union
      where case when ${union}::text is null then level = 1
        else ${union}::text in (id::text, name_zh, name_en, district_code::text) end
      order by level, id limit 1`);
    if (!found) return null;
    const [user] = await tx.execute<{ id: string }>(sql`
      insert into auth_user (id, name, email, phone_number, phone_number_verified)
      values (${crypto.randomUUID()}, '', ${`${phoneHash}@m.invalid`}, ${phoneHash}, true)
      on conflict (phone_number) do update set updated_at = clock()
      returning id`);
    if (!user) throw new Error('The user was neither found nor made.');
    const [before] = await tx.execute<{ role: string }>(sql`
      select role from officer where user_id = ${user.id} and union_id = ${found.id} for update`);
    await tx.execute(sql`
      insert into officer (user_id, union_id, role) values (${user.id}, ${found.id}, 'administrator')
      on conflict (user_id, union_id) do update
        set role = excluded.role, suspended_at = null, ends_at = null,
          starts_at = least(officer.starts_at, clock())`);
    await record(tx, {
      userId: byCommand,
      unionId: found.id,
      action: 'administrator.create',
      subject: 'union',
      subjectId: found.id,
      reason: null,
      before: before ? { role: before.role } : null,
      after: { role: 'administrator', userId: user.id },
    });
    return found.name;
  });
}
