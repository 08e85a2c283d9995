import { sql } from 'drizzle-orm';
import { refuse } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { managed } from './managed.ts';

export type OperatorView = {
  id: number;
  role: 'operator' | 'manager';
  name: string;
  partner: Named;
  outlets: Named[];
  suspendedAt: Date | null;
  /** He was invited and has not signed in since. */
  isExpected: boolean;
};

/** Everybody who scans for the partners that the caller manages, himself among them. */
export async function listOperators(c: Ctx): Promise<OperatorView[]> {
  const rows = await c.env.db.execute<OperatorView>(sql`
    select o.id, o.role, coalesce(o.name, w.name) as name, ${named('p')} as partner,
      coalesce((
        select jsonb_agg(${named('s')} order by s.id)
        from outlet s
        where s.partner_id = p.id and (o.role = 'manager' or exists (
          select from operator_outlet x where x.operator_id = o.id and x.outlet_id = s.id))), '[]')
        as outlets,
      o.suspended_at as "suspendedAt",
      o.invited_at is not null as "isExpected"
    from operator o
      join auth_user w on w.id = o.user_id
      join partner p on p.id = o.partner_id
    where o.partner_id in (${managed(c)}) and o.removed_at is null
    order by o.id`);
  if (rows.length === 0) await refuse(c);
  return rows;
}
