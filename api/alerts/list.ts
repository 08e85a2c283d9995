import { sql } from 'drizzle-orm';
import type { alert } from '../../db/schema/audit.ts';
import { signedIn } from '../authority.ts';
import { type Cursor, encodeCursor } from '../cursor.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { offices, requireOffice } from '../unions/office.ts';

export type AlertView = {
  id: number;
  kind: (typeof alert.$inferSelect)['kind'];
  union: Named;
  raisedAt: Date;
  closedAt: Date | null;
  closeReason: string | null;
  /** What a member pointed out; else null. */
  redemption: { id: string; at: string; quantity: number; isReversed: boolean } | null;
  benefit: { id: number; titleZh: string; titleEn: string } | null;
  /** What a device did, and at which of its scans; else null. */
  device: { id: number; name: string; outlet: Named } | null;
  seq: number | null;
  /** Whose budget reached which share of what it was then; else null. */
  budget: { unionId: number; year: number; percent: number; amountFen: number } | null;
  /** Where it was; null for a budget. */
  outlet: Named | null;
  hostDistrict: Named | null;
  canClose: boolean;
};

export type AlertFilter = {
  state?: 'open' | 'closed';
  /** Of this union or one below it. */
  union?: number;
  cursor?: Cursor;
  limit: number;
};

/**
 * What members pointed out about redemptions that a union of the caller's scope paid for, what is wrong with the log of a
 * device of a partner that it contracted, and budgets that run low; newest first.
 */
export async function listAlerts(
  c: Ctx,
  { state, union, cursor, limit }: AlertFilter,
): Promise<{ alerts: AlertView[]; next: string | null }> {
  const actor = signedIn(c);
  const rows = await c.env.db.execute<AlertView>(sql`
    with office as materialized (${offices(actor)})
    select a.id, a.kind, ${named('u')} as union, a.raised_at as "raisedAt", a.closed_at as "closedAt",
      a.close_reason as "closeReason",
      case when r.id is not null then jsonb_build_object('id', r.id, 'at', iso(r.at),
        'quantity', r.quantity, 'isReversed', r.reversed_at is not null) end as redemption,
      case when b.id is not null then
        jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en) end as benefit,
      case when d.id is not null then
        jsonb_build_object('id', d.id, 'name', d.name, 'outlet', ${named('o')}) end as device,
      a.seq,
      case when g.id is not null then jsonb_build_object('unionId', g.union_id, 'year', g.year,
        'percent', a.percent, 'amountFen', a.budget_fen) end as budget,
      case when o.id is not null then ${named('o')} end as outlet,
      case when h.id is not null then ${named('h')} end as "hostDistrict",
      a.closed_at is null and exists (
        select from office f where role_may(f.role, 'operate') and f.union_id = any(u.path)) as "canClose"
    from alert a
      join trade_union u on u.id = a.union_id
      left join redemption r on r.cell = a.cell and r.id = a.redemption_id
      left join benefit b on b.id = r.benefit_id
      left join device d on d.id = a.device_id
      left join budget g on g.id = a.budget_id
      left join outlet o on o.id = coalesce(r.outlet_id, d.outlet_id)
      left join trade_union h on h.id = o.district_id
    where exists (select from office f where f.union_id = any(u.path))
      and (${cursor?.id ?? null}::bigint is null or a.id < ${cursor?.id ?? null}::bigint)
      and (${state ?? null}::text is null or (a.closed_at is null) = (${state ?? null}::text = 'open'))
      and (${union ?? null}::int is null or ${union ?? null}::int = any(u.path))
    order by a.id desc
    limit ${limit + 1}`);
  if (rows.length === 0) await requireOffice(c, actor);
  const alerts = rows.slice(0, limit);
  const last = alerts.at(-1);
  const next =
    rows.length > limit && last ? encodeCursor({ micros: 0, id: String(last.id) }) : null;
  return { alerts, next };
}
