import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { outlet } from '../../db/schema/partners.ts';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { holding } from '../unions/office.ts';
import { outletFields } from './outlet-fields.ts';
import { text } from '../validate.ts';

export const newOutlet = z.strictObject({ ...outletFields, reason: text(200) });

/** A branch more, in this district or another; the union that contracted the partner answers for it. */
export async function addOutlet(
  c: Ctx,
  partnerId: number,
  { reason, ...fields }: z.output<typeof newOutlet>,
): Promise<{ id: number }> {
  const actor = signedIn(c);
  const added = await c.env.db.transaction(async (tx) => {
    const [row] = await tx.execute<{ unionId: number; isDistrict: boolean }>(sql`
      select p.union_id as "unionId",
        exists (select from trade_union d where d.id = ${fields.districtId} and d.level = 2)
          as "isDistrict"
      from partner p join trade_union u on u.id = p.union_id
      where p.id = ${partnerId} and p.ended_at is null
        and exists (select from (${holding(actor, 'terms')}) f where f.union_id = any(u.path))
      for share of p`);
    if (!row) return undefined;
    if (!row.isDistrict)
      throw new Problem('invalid_request', {
        fields: [{ field: 'districtId', message: 'is not a district' }],
      });
    const [made] = await tx
      .insert(outlet)
      .values({ ...fields, partnerId })
      .returning({ id: outlet.id });
    if (!made) throw new Error('The insert gave no row.');
    await record(tx, {
      userId: actor.userId,
      unionId: row.unionId,
      action: 'outlet.add',
      subject: 'outlet',
      subjectId: made.id,
      reason,
      before: null,
      after: { partnerId, districtId: fields.districtId, nameZh: fields.nameZh },
    });
    return made;
  });
  return added ?? refuse(c);
}
