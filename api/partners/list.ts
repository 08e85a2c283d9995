import { sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import type { partner } from '../../db/schema/partners.ts';
import { named, type Named } from '../unions/named.ts';
import { offices, requireOffice } from '../unions/office.ts';

export type PartnerView = {
  id: number;
  kind: (typeof partner.$inferSelect)['kind'];
  nameZh: string;
  nameEn: string;
  union: Named;
  outlets: (Named & { district: Named; isClosed: boolean })[];
};

export type PartnerFilter = { kind?: string; district?: number; q?: string };

/**
 * Partners of every district, for any officer: a benefit may be valid at all of them, and what a partner is called and
 * where it is stands in the members' catalogue anyway.
 */
export async function listPartners(c: Ctx, filter: PartnerFilter): Promise<PartnerView[]> {
  const actor = signedIn(c);
  const { kind = null, district = null, q = null } = filter;
  const rows = await c.env.db.execute<PartnerView>(sql`
    with office as materialized (${offices(actor)})
    select p.id, p.kind, p.name_zh as "nameZh", p.name_en as "nameEn", ${named('u')} as union,
      coalesce((
        select jsonb_agg(${named('o')} || jsonb_build_object(
          'district', ${named('d')}, 'isClosed', o.closed_at is not null) order by o.id)
        from outlet o join trade_union d on d.id = o.district_id
        where o.partner_id = p.id), '[]') as outlets
    from partner p join trade_union u on u.id = p.union_id
    where exists (select from office)
      and (${kind}::text is null or p.kind = ${kind})
      and (${district}::int is null or exists (
        select from outlet o where o.partner_id = p.id and o.district_id = ${district}))
      and (${q}::text is null or position(lower(${q}) in lower(p.name_zh || ' ' || p.name_en)) > 0)
    order by p.id`);
  if (rows.length === 0) await requireOffice(c, actor);
  return rows;
}
