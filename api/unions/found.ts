import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { tradeUnion } from '../../db/schema/unions.ts';
import { integer, text } from '../validate.ts';
import { holding } from './office.ts';

export const newUnion = z.strictObject({
  parentId: integer(1),
  kind: z.enum(['street', 'industry', 'enterprise']),
  nameZh: text(60),
  nameEn: text(100),
  reason: text(200),
});

export type Founded = { id: number };

/** A new union below one of the caller's: streets and industries stand below a district, enterprises below any of these. */
export async function foundUnion(
  c: Ctx,
  { parentId, kind, nameZh, nameEn, reason }: z.infer<typeof newUnion>,
): Promise<Founded> {
  const actor = signedIn(c);
  const made = await c.env.db.transaction(async (tx) => {
    const [parent] = await tx.execute<{ level: number }>(sql`
      select u.level from trade_union u
      where u.id = ${parentId}
        and exists (select from (${holding(actor, 'people')}) o where o.union_id = any(u.path))`);
    if (!parent) return undefined;
    const level = kind === 'enterprise' ? 4 : 3;
    if (parent.level < 2 || parent.level >= level)
      throw new Problem('invalid_request', {
        fields: [{ field: 'kind', message: 'cannot stand below this union' }],
      });
    const [row] = await tx
      .insert(tradeUnion)
      .values({ parentId, kind, level, nameZh, nameEn })
      .returning({ id: tradeUnion.id });
    if (!row) throw new Error('The insert returned no row.');
    await record(tx, {
      userId: actor.userId,
      unionId: row.id,
      action: 'union.create',
      subject: 'union',
      subjectId: row.id,
      reason,
      before: null,
      after: { parentId, kind, nameZh, nameEn },
    });
    return row;
  });
  return made ?? refuse(c);
}
