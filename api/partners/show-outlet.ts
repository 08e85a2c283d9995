import { sql } from 'drizzle-orm';
import type { outlet, partner } from '../../db/schema/partners.ts';
import { authority, refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';

type Row = typeof outlet.$inferSelect;

export type OutletView = Pick<
  Row,
  'id' | 'nameZh' | 'nameEn' | 'addressZh' | 'addressEn' | 'hours'
> & {
  district: Named;
  partner: Named & { kind: (typeof partner.$inferSelect)['kind'] };
  isClosed: boolean;
  /** What can be used here, or is being tested. */
  benefits: {
    id: number;
    titleZh: string;
    titleEn: string;
    state: 'testing' | 'live' | 'paused';
    stateReason: string | null;
  }[];
};

/** An outlet for those who stand there: what the poster says, what the manager may change, and what is to be tested. */
export async function showOutlet(c: Ctx, id: number): Promise<OutletView> {
  const [row] = await c.env.db.execute<OutletView>(sql`
    select o.id, o.name_zh as "nameZh", o.name_en as "nameEn", o.address_zh as "addressZh",
      o.address_en as "addressEn", o.hours, ${named('d')} as district,
      ${named('p')} || jsonb_build_object('kind', p.kind) as partner,
      coalesce(o.closed_at <= clock(), false) as "isClosed",
      coalesce((
        select jsonb_agg(jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en,
          'state', case when p.paused_at is null and b.paused_at is null then a.state
            when a.state = 'testing' then a.state else 'paused' end,
          'stateReason', coalesce(p.pause_reason, a.state_reason)) order by b.ends_at, b.id)
        from benefit_partner a join benefit b on b.id = a.benefit_id
        where a.partner_id = p.id and a.state <> 'ended' and p.ended_at is null
          and b.ends_at > clock()
          and (b.stage = 'published' or b.stage = 'test' and a.state = 'testing')
          and (a.outlet_ids is null or o.id = any(a.outlet_ids))
          and (b.valid_districts is null or o.district_id = any(b.valid_districts))), '[]')
        as benefits
    from outlet o
      join partner p on p.id = o.partner_id
      join trade_union d on d.id = o.district_id
    where o.id = ${id} and exists (
      select from ${authority(signedIn(c))} me
      where me.role in ('operator', 'manager') and o.id = any(me.outlet_ids))`);
  return row ?? refuse(c);
}
