import { type SQL, sql } from 'drizzle-orm';
import { authority } from '../authority.ts';
import type { Actor } from '../caller.ts';

/**
 * Tables for the caller's statement, after `with`: `office`, the unions he reads for and whether their money is his to
 * move; `managed`, the partners that he runs; and `reached`, the statements that concern either. A union sees its own and
 * those of the unions below it; a partner its own, never a pair's.
 */
export const reached = (actor: Actor): SQL => sql`
  self as materialized (select * from ${authority(actor)}),
  office as (
    select union_id, role_may(role, 'money') as is_money from self where role_may(role, 'read')),
  managed as (select partner_id from self where role = 'manager'),
  reached as (
    select s.*,
      u.path as union_path, v.path as other_path,
      s.partner_id in (select partner_id from managed) as is_partner,
      exists (select from office o where o.is_money and o.union_id = any(u.path)) as is_money,
      exists (select from office o where o.is_money and o.union_id = any(v.path)) as is_other_money
    from statement s
      join trade_union u on u.id = s.union_id
      left join trade_union v on v.id = s.other_id
    where s.partner_id in (select partner_id from managed)
      or exists (select from office o where o.union_id = any(u.path) or o.union_id = any(v.path)))`;
