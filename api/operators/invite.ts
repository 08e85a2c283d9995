import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { phoneHash } from '../members/personal-data.ts';
import { phoneNumber, readPhone } from '../sessions/phone.ts';
import { integer, text } from '../validate.ts';
import { managed } from './managed.ts';

export const newOperator = z.strictObject({
  partner: integer(1),
  phone: phoneNumber,
  name: text(20),
  outlets: z.array(integer(1)).min(1).max(500),
});

/**
 * Lets the holder of a phone scan at outlets of the caller's partner, from his next sign-in on. Whether that phone is
 * known here is not told: he goes by the name that the manager gives him. Who was removed comes back by it.
 */
export async function inviteOperator(
  c: Ctx,
  { partner, phone, name, outlets }: z.output<typeof newOperator>,
): Promise<{ id: number }> {
  const { userId } = signedIn(c);
  const hash = await phoneHash(c.env.config.secret, readPhone(phone));
  const invited = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<{ unionId: number; outlets: number[] }>(sql`
      select p.union_id as "unionId", array(
        select o.id from outlet o where o.partner_id = p.id and o.closed_at is null)::int[] as outlets
      from partner p
      where p.id = ${partner} and p.ended_at is null and p.id in (${managed(c)})
      for share of p`);
    if (!found) return undefined;
    if (!outlets.every((id) => found.outlets.includes(id)))
      throw new Problem('invalid_request', {
        fields: [{ field: 'outlets', message: 'names an outlet that is closed or not yours' }],
      });
    const [user] = await tx.execute<{ id: string }>(sql`
      insert into auth_user (id, name, email, phone_number, phone_number_verified)
      values (${crypto.randomUUID()}, '', ${`${hash}@m.invalid`}, ${hash}, true)
      on conflict (phone_number) do update set updated_at = clock()
      returning id`);
    if (!user) throw new Error('The user was neither found nor made.');
    const [made] = await tx.execute<{ id: number }>(sql`
      insert into operator (user_id, partner_id, role, name, invited_at)
      values (${user.id}, ${partner}, 'operator', ${name}, clock())
      on conflict (user_id, partner_id) do update
        set name = excluded.name, invited_at = excluded.invited_at, removed_at = null, suspended_at = null
        where operator.removed_at is not null and operator.role = 'operator'
      returning id`);
    if (!made) throw new Problem('operator_exists');
    await tx.execute(sql`delete from operator_outlet where operator_id = ${made.id}`);
    await tx.execute(sql`
      insert into operator_outlet (operator_id, outlet_id)
      select ${made.id}, value::int
      from jsonb_array_elements_text(${JSON.stringify([...new Set(outlets)])}::jsonb)`);
    await record(tx, {
      userId,
      unionId: found.unionId,
      action: 'operator.invite',
      subject: 'operator',
      subjectId: made.id,
      reason: null,
      before: null,
      after: { partnerId: partner, outletIds: outlets },
    });
    return made;
  });
  return invited ?? refuse(c);
}
