import { eq, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { categoryLimit } from '../../db/schema/benefits.ts';
import { holding, offices } from '../unions/office.ts';

type Row = typeof categoryLimit.$inferSelect;
export type CategoryLimit = Pick<Row, 'kind' | 'limitCount' | 'limitPeriod'>;
export type CategoryLimits = { limits: CategoryLimit[]; canEdit: boolean };

/** How often a union's members may use benefits of one kind together. */
export async function listCategoryLimits(c: Ctx, unionId: number): Promise<CategoryLimits> {
  const [found] = await c.env.db.execute<CategoryLimits>(sql`
    with office as materialized (${offices(signedIn(c))})
    select coalesce((
        select jsonb_agg(jsonb_build_object('kind', l.kind, 'limitCount', l.limit_count,
          'limitPeriod', l.limit_period) order by l.kind)
        from category_limit l where l.union_id = u.id), '[]') as limits,
      exists (select from office o where role_may(o.role, 'terms') and o.union_id = any(u.path))
        as "canEdit"
    from trade_union u
    where u.id = ${unionId} and exists (select from office o where o.union_id = any(u.path))`);
  return found ?? refuse(c);
}

/** Sets the limit of one kind; a count of null takes it away. */
export async function setCategoryLimit(
  c: Ctx,
  unionId: number,
  kind: Row['kind'],
  {
    limitCount,
    limitPeriod,
    reason,
  }: {
    limitCount: number | null;
    limitPeriod: Row['limitPeriod'];
    reason: string;
  },
): Promise<{ id: number }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const mine = await tx.execute(sql`
      select from trade_union u
      where u.id = ${unionId}
        and exists (select from (${holding(actor, 'terms')}) o where o.union_id = any(u.path))
      for no key update of u`);
    if (mine.length === 0) return undefined;
    const ofKind = sql`${eq(categoryLimit.unionId, unionId)} and ${eq(categoryLimit.kind, kind)}`;
    const [before] = await tx.select().from(categoryLimit).where(ofKind);
    if (limitCount === null) {
      if (!before) return { id: unionId };
      await tx.delete(categoryLimit).where(ofKind);
    } else {
      const values = { unionId, kind, limitCount, limitPeriod };
      await tx
        .insert(categoryLimit)
        .values(values)
        .onConflictDoUpdate({
          target: [categoryLimit.unionId, categoryLimit.kind],
          set: { limitCount, limitPeriod },
        });
    }
    await record(tx, {
      userId: actor.userId,
      unionId,
      action: 'category_limit.set',
      subject: 'union',
      subjectId: unionId,
      reason,
      before: before
        ? { kind, limitCount: before.limitCount, limitPeriod: before.limitPeriod }
        : null,
      after: limitCount === null ? null : { kind, limitCount, limitPeriod },
    });
    return { id: unionId };
  });
  return done ?? refuse(c);
}
