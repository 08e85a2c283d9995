import { sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import type { partner } from '../../db/schema/partners.ts';
import { named, type Named } from '../unions/named.ts';
import { offices, requireOffice } from '../unions/office.ts';
import { stateOfPartner } from './state-of.ts';

export type PartnerView = {
  id: number;
  kind: (typeof partner.$inferSelect)['kind'];
  nameZh: string;
  nameEn: string;
  union: Named;
  state: 'live' | 'paused' | 'ended';
  outlets: (Named & { district: Named; isClosed: boolean })[];
};

export type PartnerFilter = {
  kind?: string;
  district?: number;
  /** Contracted by this union or one below it. */
  union?: number;
  state?: string;
  q?: string;
  after?: number;
};

export type PartnerPage = { partners: PartnerView[]; next: number | null };

/**
 * Partners of every district, for any officer: a benefit may be valid at all of them, and what a partner is called and
 * where it is stands in the members' catalogue anyway. `after` is the last id of the page before.
 */
export async function listPartners(
  c: Ctx,
  filter: PartnerFilter,
  limit: number,
): Promise<PartnerPage> {
  const actor = signedIn(c);
  const { kind = null, district = null, union = null, state = null } = filter;
  const { q = null, after = null } = filter;
  const rows = await c.env.db.execute<PartnerView>(sql`
    with office as materialized (${offices(actor)})
    select p.id, p.kind, p.name_zh as "nameZh", p.name_en as "nameEn", ${named('u')} as union,
      ${stateOfPartner} as state,
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
      and (${union}::int is null or ${union} = any(u.path))
      and (${state}::text is null or ${stateOfPartner} = ${state})
      and (${q}::text is null or position(lower(${q}) in lower(p.name_zh || ' ' || p.name_en)) > 0)
      and (${after}::int is null or p.id > ${after})
    order by p.id
    limit ${limit + 1}`);
  if (rows.length === 0) await requireOffice(c, actor);
  const page = rows.slice(0, limit);
  return { partners: page, next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}
