import { sql } from 'drizzle-orm';
import type { outlet, partner } from '../../db/schema/partners.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { holding, offices } from '../unions/office.ts';
import type { Admitted } from './lock-admission.ts';
import { stateOfPartner } from './state-of.ts';

export type PartnerDetail = {
  id: number;
  kind: (typeof partner.$inferSelect)['kind'];
  nameZh: string;
  nameEn: string;
  /** The district that contracted it and pays it: that of a chain's headquarters. */
  union: Named;
  licence: string | null;
  state: 'live' | 'paused' | 'ended';
  reason: string | null;
  canEdit: boolean;
  operators: number;
  outlets: (Named &
    Pick<
      typeof outlet.$inferSelect,
      'addressZh' | 'addressEn' | 'latitude' | 'longitude' | 'hours' | 'closeReason'
    > & { district: Named; isClosed: boolean; canClose: boolean; devices: number })[];
  /** Terms are for those whose money they are about; anybody else reads the state alone. */
  admissions: {
    benefit: { id: number; titleZh: string; titleEn: string };
    union: Named;
    state: Admitted['state'];
    terms:
      | (Pick<Admitted, 'capADay' | 'cap' | 'used' | 'isOfflineAllowed'> & { priceFen: number })
      | null;
  }[];
};

/** One partner for any officer; what he may do about it is said with it. */
export async function readPartner(c: Ctx, id: number): Promise<PartnerDetail> {
  const actor = signedIn(c);
  const [row] = await c.env.db.execute<PartnerDetail>(sql`
    with office as materialized (${offices(actor)}),
      editor as materialized (${holding(actor, 'terms')})
    select p.id, p.kind, p.name_zh as "nameZh", p.name_en as "nameEn", ${named('u')} as union,
      case when own.is_mine then p.licence end as licence, ${stateOfPartner} as state,
      case when own.is_mine then coalesce(p.end_reason, p.pause_reason) end as reason,
      exists (select from editor f where f.union_id = any(u.path)) and p.ended_at is null as "canEdit",
      (select count(*)::int from operator o where o.partner_id = p.id and o.suspended_at is null)
        as operators,
      coalesce((
        select jsonb_agg(${named('o')} || jsonb_build_object(
          'district', ${named('d')}, 'addressZh', o.address_zh, 'addressEn', o.address_en,
          'latitude', o.latitude, 'longitude', o.longitude, 'hours', o.hours,
          'isClosed', o.closed_at is not null, 'closeReason', o.close_reason,
          'canClose', exists (
            select from editor f join trade_union k on f.union_id = any(k.path)
            where k.id = o.closed_by or o.closed_by is null and k.id in (d.id, u.id)),
          'devices', (select count(*) from device v where v.outlet_id = o.id and v.revoked_at is null)
        ) order by o.id)
        from outlet o join trade_union d on d.id = o.district_id
        where o.partner_id = p.id), '[]') as outlets,
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'benefit', jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en),
          'union', ${named('bu')}, 'state', a.state,
          'terms', case when own.is_mine or exists (select from office f where f.union_id = any(bu.path))
            then jsonb_build_object('priceFen', coalesce(a.price_fen, b.price_fen),
              'capADay', a.cap_a_day, 'cap', a.cap, 'used', a.used,
              'isOfflineAllowed', a.is_offline_allowed) end
        ) order by b.id desc)
        from benefit_partner a
          join benefit b on b.id = a.benefit_id
          join trade_union bu on bu.id = b.union_id
        where a.partner_id = p.id and (b.stage in ('published', 'ended') or own.is_mine
          or exists (select from office f where f.union_id = any(bu.path)))), '[]') as admissions
    from partner p
      join trade_union u on u.id = p.union_id
      cross join lateral (
        select exists (select from office f where f.union_id = any(u.path)) as is_mine) own
    where p.id = ${id} and exists (select from office)`);
  return row ?? refuse(c);
}
