import { sql } from 'drizzle-orm';
import type { notice } from '../../db/schema/notices.ts';
import { authority, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { requireMember } from '../members/me.ts';
import { named, type Named } from '../unions/named.ts';

export type NoticeView = {
  id: number;
  change: (typeof notice.$inferSelect)['change'];
  benefit: { id: number; titleZh: string; titleEn: string } | null;
  partner: Named | null;
  outlet: Named | null;
  reason: string | null;
  at: Date;
  /** He used it there in the last 90 days. */
  isYours: boolean;
};

const noticesMax = 20;

/**
 * What a member should know before he travels: what is paused now and not over, and what ended in the last 60 days; of a
 * benefit, when one is named. What goes on again is told for 14 days to those who used it. His own come first, then the newest.
 */
export async function listNotices(c: Ctx, benefit?: number): Promise<NoticeView[]> {
  const actor = signedIn(c);
  const asked = benefit ?? null;
  const rows = await c.env.db.execute<NoticeView | { id: null }>(sql`
    with me as materialized (
      select cell, member_id from ${authority(actor)} where role = 'member'),
    mine as materialized (
      select distinct r.benefit_id, o.partner_id, o.id as outlet_id
      from me
        join redemption r on r.cell = me.cell and r.member_id = me.member_id
          and r.booked_at >= clock() - interval '90 days'
        join outlet o on o.id = r.outlet_id),
    newest as materialized (
      select distinct on (n.benefit_id, n.partner_id, n.outlet_id) n.*
      from notice n
      where n.at >= clock() - interval '180 days'
        and (${asked}::int is null or n.benefit_id = ${asked} or n.benefit_id is null and exists (
          select from benefit_partner a
          where a.partner_id = n.partner_id and a.benefit_id = ${asked} and a.state <> 'testing'))
      order by n.benefit_id, n.partner_id, n.outlet_id, n.id desc),
    said as (
      select n.*, exists (
        select from mine u
        where (n.benefit_id is null or u.benefit_id = n.benefit_id)
          and (n.partner_id is null or u.partner_id = n.partner_id)
          and (n.outlet_id is null or u.outlet_id = n.outlet_id)) as is_yours
      from newest n)
    select n.id, n.change,
      case when b.id is not null then
        jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en) end as benefit,
      case when p.id is not null then ${named('p')} end as partner,
      case when o.id is not null then ${named('o')} end as outlet,
      n.reason, n.at, n.is_yours as "isYours"
    from (select from me) self
      left join said n on case n.change
        when 'paused' then not exists (
            select from benefit x where x.id = n.benefit_id
              and (x.stage = 'ended' or x.ends_at <= clock()))
          and not exists (
            select from partner x where x.id = n.partner_id and x.ended_at is not null)
        when 'ended' then n.at >= clock() - interval '60 days'
        else n.is_yours and n.at >= clock() - interval '14 days'
      end
      left join benefit b on b.id = n.benefit_id
      left join partner p on p.id = n.partner_id
      left join outlet o on o.id = n.outlet_id
    order by n.is_yours desc, n.id desc
    limit ${noticesMax}`);
  if (rows.length === 0) await requireMember(c, actor);
  return rows.filter((row) => row.id !== null);
}
