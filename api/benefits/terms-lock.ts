import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import { benefit } from '../../db/schema/benefits.ts';
import { tradeUnion } from '../../db/schema/unions.ts';
import { holding } from '../unions/office.ts';

export type LockedBenefit = typeof benefit.$inferSelect;

/**
 * A benefit of a union whose terms are the caller's to set, locked for the rest of the transaction; undefined when it is
 * not his, or a union above him has restricted it. Caps change under this lock alone. It lets redemptions pass: they only refer to the row.
 */
export async function lockBenefit(
  tx: Tx,
  actor: Actor,
  benefitId: number,
): Promise<LockedBenefit | undefined> {
  const [row] = await tx
    .select(getTableColumns(benefit))
    .from(benefit)
    .innerJoin(tradeUnion, sql`${tradeUnion.id} = coalesce(${benefit.heldBy}, ${benefit.unionId})`)
    .where(
      sql`${benefit.id} = ${benefitId}
        and exists (select from (${holding(actor, 'terms')}) office where office.union_id = any(${tradeUnion.path}))`,
    )
    .for('no key update', { of: benefit });
  return row;
}

/** Whether one of these offices sets the terms of the benefit `b`: of its union, or of who has restricted it. */
export const maySet = (office: SQL): SQL => sql`
  exists (
    select from (${office}) o join trade_union k on k.id = coalesce(b.held_by, b.union_id)
    where o.union_id = any(k.path))`;

/** Where none of these offices is of the union `u` itself, the nearest above it. */
export const nearestAbove = (office: SQL): SQL => sql`(
  select case when bool_or(o.union_id = u.id) then null else (
    array_agg(o.union_id order by array_position(u.path, o.union_id) desc))[1] end
  from (${office}) o where o.union_id = any(u.path))`;

/** Where nothing but an office above the benefit's union lets the caller change it, the nearest such union. */
export async function unionAbove(tx: Tx, actor: Actor, unionId: number): Promise<number | null> {
  const [found] = await tx.execute<{ id: number | null }>(sql`
    select ${nearestAbove(holding(actor, 'terms'))} as id
    from trade_union u where u.id = ${unionId}`);
  return found?.id ?? null;
}
