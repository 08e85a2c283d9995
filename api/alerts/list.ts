import { sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import { type Cursor, encodeCursor } from '../cursor.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { offices, requireOffice } from '../unions/office.ts';

export type AlertView = {
  id: number;
  kind: 'not_me';
  union: Named;
  raisedAt: Date;
  closedAt: Date | null;
  closeReason: string | null;
  redemption: { id: string; at: string; quantity: number; isReversed: boolean };
  benefit: { id: number; titleZh: string; titleEn: string };
  outlet: Named;
  hostDistrict: Named;
  canClose: boolean;
};

export type AlertFilter = {
  state?: 'open' | 'closed';
  /** Of this union or one below it. */
  union?: number;
  cursor?: Cursor;
  limit: number;
};

/** What members or machines pointed out about redemptions that a union of the caller's scope paid for; newest first. */
export async function listAlerts(
  c: Ctx,
  { state, union, cursor, limit }: AlertFilter,
): Promise<{ alerts: AlertView[]; next: string | null }> {
  const actor = signedIn(c);
  const rows = await c.env.db.execute<AlertView>(sql`
    with office as materialized (${offices(actor)})
    select a.id, a.kind, ${named('u')} as union, a.raised_at as "raisedAt", a.closed_at as "closedAt",
      a.close_reason as "closeReason",
      jsonb_build_object('id', r.id, 'at', iso(r.at), 'quantity', r.quantity,
        'isReversed', r.reversed_at is not null) as redemption,
      jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en) as benefit,
      ${named('o')} as outlet, ${named('h')} as "hostDistrict",
      a.closed_at is null and exists (
        select from office f where f.role = 'administrator' and f.union_id = any(u.path)) as "canClose"
    from alert a
      join trade_union u on u.id = a.union_id
      join redemption r on r.cell = a.cell and r.id = a.redemption_id
      join benefit b on b.id = r.benefit_id
      join outlet o on o.id = r.outlet_id
      join trade_union h on h.id = o.district_id
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
