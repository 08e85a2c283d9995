import { eq, sql } from 'drizzle-orm';
import * as z from 'zod';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { tradeUnion } from '../../db/schema/unions.ts';
import { text } from '../validate.ts';
import { holding } from './office.ts';

export const newName = z.strictObject({ nameZh: text(60), nameEn: text(100), reason: text(200) });

export type Renamed = { id: number; nameZh: string; nameEn: string };

/** Renames a street, an industry or an enterprise that stands below one of the caller's unions. */
export async function renameUnion(
  c: Ctx,
  id: number,
  { nameZh, nameEn, reason }: z.infer<typeof newName>,
): Promise<Renamed> {
  const actor = signedIn(c);
  const renamed = await c.env.db.transaction(async (tx) => {
    const [before] = await tx.execute<{ nameZh: string; nameEn: string }>(sql`
      select u.name_zh as "nameZh", u.name_en as "nameEn" from trade_union u
      where u.id = ${id} and u.level > 2 and exists (
        select from (${holding(actor, 'people')}) o where o.union_id = any(u.path) and o.union_id <> u.id)
      for no key update of u`);
    if (!before) return undefined;
    const after = { nameZh, nameEn };
    if (before.nameZh === nameZh && before.nameEn === nameEn) return { id, ...after };
    await tx.update(tradeUnion).set(after).where(eq(tradeUnion.id, id));
    await record(tx, {
      userId: actor.userId,
      unionId: id,
      action: 'union.rename',
      subject: 'union',
      subjectId: id,
      reason,
      before: { ...before },
      after,
    });
    return { id, ...after };
  });
  return renamed ?? refuse(c);
}
