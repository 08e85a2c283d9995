import { sql } from 'drizzle-orm';
import { authority, refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { hasCharge } from './charge.ts';

export type Revocation = { id: number; revokedAt: Date };

/** Ends a device for good: it gets no more leases, those it holds return now, and what it still uploads is looked at. */
export async function revoke(c: Ctx, id: number, reason: string): Promise<Revocation> {
  const actor = signedIn(c);
  const revocation = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<{ unionId: number; revokedAt: Date | null }>(sql`
      with me as materialized (select role, partner_id, union_id from ${authority(actor)})
      select p.union_id as "unionId", d.revoked_at as "revokedAt"
      from device d
        join outlet o on o.id = d.outlet_id
        join partner p on p.id = o.partner_id
        join trade_union u on u.id = p.union_id
      where d.id = ${id} and exists (select from me where ${hasCharge})
      for no key update of d`);
    if (!found) return undefined;
    if (found.revokedAt !== null) throw new Problem('changed_meanwhile');
    const [now] = await tx.execute<Revocation>(sql`
      update device set revoked_at = clock() where id = ${id} returning id, revoked_at as "revokedAt"`);
    await tx.execute(sql`select return_leases(${id})`);
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'device.revoke',
      subject: 'device',
      subjectId: id,
      reason,
      before: { revokedAt: null },
      after: { revokedAt: now?.revokedAt ?? null },
    });
    return now;
  });
  return revocation ?? refuse(c);
}
