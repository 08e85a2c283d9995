import { eq, getTableColumns, sql } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import { benefit } from '../../db/schema/benefits.ts';
import { tradeUnion } from '../../db/schema/unions.ts';
import { holding } from '../unions/office.ts';

export type LockedBenefit = typeof benefit.$inferSelect;

/**
 * A benefit of a union whose terms are the caller's to set, locked for the rest of the transaction; undefined when it is not his.
 * Caps change under this lock alone. It lets redemptions pass: they only refer to the row.
 */
export async function lockBenefit(
  tx: Tx,
  actor: Actor,
  benefitId: number,
): Promise<LockedBenefit | undefined> {
  const [row] = await tx
    .select(getTableColumns(benefit))
    .from(benefit)
    .innerJoin(tradeUnion, eq(tradeUnion.id, benefit.unionId))
    .where(
      sql`${benefit.id} = ${benefitId}
        and exists (select from (${holding(actor, 'terms')}) office where office.union_id = any(${tradeUnion.path}))`,
    )
    .for('no key update', { of: benefit });
  return row;
}
