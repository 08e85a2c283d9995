import { sql } from 'drizzle-orm';
import { signedIn, refuse } from '../authority.ts';
import type { PoolView } from '../allocations/pool.ts';
import { pools } from '../allocations/pool.ts';
import type { Ctx } from '../context.ts';
import type { benefit } from '../../db/schema/benefits.ts';
import { named, type Named } from '../unions/named.ts';
import { offices } from '../unions/office.ts';
import { maySet } from './terms-lock.ts';

type Row = typeof benefit.$inferSelect;

export type BenefitOfUnion = {
  id: number;
  union: Named;
  kind: Row['kind'];
  titleZh: string;
  titleEn: string;
  priceFen: number;
  startsAt: Date;
  endsAt: Date;
  pausedAt: Date | null;
  pauseReason: string | null;
  stage: Row['stage'];
  cap: number | null;
  canEdit: boolean;
  allocations: PoolView[];
};

/**
 * The benefits that concern a union of the caller's scope: its own, those of unions below it, and those of which it or
 * one below owns an allocation. Of another union's benefit only the caller's own allocations and the shared pool show.
 */
export async function listBenefitsOf(c: Ctx, unionId: number): Promise<BenefitOfUnion[]> {
  const rows = await c.env.db.execute<BenefitOfUnion | { id: null }>(sql`
    with office as materialized (${offices(signedIn(c))}),
      asked as (
        select u.id from trade_union u
        where u.id = ${unionId} and exists (select from office o where o.union_id = any(u.path)))
    select b.id, ${named('u')} as union, b.kind, b.title_zh as "titleZh", b.title_en as "titleEn",
      b.price_fen as "priceFen", b.starts_at as "startsAt", b.ends_at as "endsAt",
      b.paused_at as "pausedAt", b.pause_reason as "pauseReason", b.stage, b.cap,
      ${maySet(sql`select union_id from office where role_may(role, 'terms')`)} as "canEdit",
      ${pools} as allocations
    from asked
    left join (benefit b join trade_union u on u.id = b.union_id)
      on asked.id = any(u.path) or exists (
        select from allocation a join trade_union side on side.id in (a.union_id, a.district_id)
        where a.benefit_id = b.id and asked.id = any(side.path))
    order by b.id`);
  if (rows.length === 0) await refuse(c);
  return rows.filter((row) => row.id !== null);
}
