import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { offices } from '../unions/office.ts';
import { pools, type PoolView } from './pool.ts';

export type Allocations = {
  cap: number | null;
  /** What all pools hold together, also those that do not show. */
  allocated: number;
  /** Whether the caller may open a pool that is not there yet. */
  canOpen: boolean;
  allocations: PoolView[];
};

/** The pools of a benefit that concerns the caller's unions. */
export async function listAllocations(c: Ctx, benefitId: number): Promise<Allocations> {
  const [found] = await c.env.db.execute<Allocations>(sql`
    with office as materialized (${offices(signedIn(c))})
    select b.cap,
      (select coalesce(sum(a.cap), 0)::bigint from allocation a where a.benefit_id = b.id) as allocated,
      exists (select from office o where role_may(o.role, 'money') and o.union_id = any(u.path))
        as "canOpen",
      ${pools} as allocations
    from benefit b join trade_union u on u.id = b.union_id
    where b.id = ${benefitId} and exists (
      select from office o where o.union_id = any(u.path) or exists (
        select from allocation a join trade_union owner on owner.id = a.union_id
        where a.benefit_id = b.id and o.union_id = any(owner.path)))`);
  return found ?? refuse(c);
}
