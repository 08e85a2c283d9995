import { sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { type Deed, deeds, offices, requireOffice } from './office.ts';

export type UnionInScope = {
  id: number;
  parentId: number | null;
  kind: 'city' | 'district' | 'street' | 'industry' | 'enterprise';
  level: number;
  districtId: number | null;
  districtCode: string | null;
  nameZh: string;
  nameEn: string;
  canAdminister: boolean;
  /** What the caller may do there. */
  deeds: Deed[];
};

/** The caller's unions, whatever their level, and those below them down to `levelMax`; parents before their children. */
export async function listUnions(c: Ctx, levelMax: number): Promise<UnionInScope[]> {
  const actor = signedIn(c);
  const rows = await c.env.db.execute<UnionInScope>(sql`
    with office as materialized (${offices(actor)})
    select u.id, u.parent_id as "parentId", u.kind, u.level, u.district_id as "districtId",
      u.district_code as "districtCode", u.name_zh as "nameZh", u.name_en as "nameEn",
      bool_or(role_may(o.role, 'operate')) as "canAdminister",
      array_agg(distinct deed) as deeds
    from office o
      join unnest(${deeds}) deed on role_may(o.role, deed)
      join trade_union u on u.path @> array[o.union_id]
    where u.level <= ${levelMax} or u.id = o.union_id
    group by u.id
    order by u.path`);
  if (rows.length === 0) await requireOffice(c, actor);
  return rows;
}
