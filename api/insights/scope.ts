import { type SQL, sql } from 'drizzle-orm';
import type { Actor } from '../caller.ts';
import { offices } from '../unions/office.ts';

/**
 * The union that is asked about, if the caller may read it, and what lies below it, to begin a statement with:
 * `asked (id, level, city_id, district_id)`, of one row or none, and `scope (id)`.
 */
export const within = (actor: Actor, unionId: number): SQL => sql`
  office as materialized (${offices(actor)}),
  asked as materialized (
    select u.id, u.level, u.path[1] as city_id, u.district_id
    from trade_union u
    where u.id = ${unionId} and exists (select from office o where o.union_id = any(u.path))),
  scope as materialized (
    select u.id from asked join trade_union u on u.path @> array[asked.id])`;
