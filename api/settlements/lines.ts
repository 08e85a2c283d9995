import { type SQL, sql } from 'drizzle-orm';
import type { dispute } from '../../db/schema/settlements.ts';
import { refuse, signedIn } from '../authority.ts';
import { type Cursor, encodeCursor } from '../cursor.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { reached } from './reach.ts';

export const lineKinds = ['redemption', 'reversal', 'adjustment'] as const;

/** One leg of the ledger in a statement. Nothing in it tells who the member is. */
export type LineView = {
  redemptionId: string;
  kind: (typeof lineKinds)[number];
  leg: number;
  /** When it was booked, which put it into this month; as UTC with microseconds it is part of the hash. */
  bookedAt: Date;
  bookedUtc: string;
  /** When the card was scanned: its true date. */
  scannedAt: Date;
  benefit: { id: number; titleZh: string; titleEn: string };
  outlet: Named;
  host: Named;
  partner: Named;
  creditor: Named;
  /** The union that bears it; null for the partner, whom it does not concern. */
  debtor: Named | null;
  isCharge: boolean;
  amountFen: number;
  /** How far a dispute about this redemption has come in this statement. */
  dispute: (typeof dispute.$inferSelect)['state'] | null;
  isSuspended: boolean;
};

export type LineFilter = {
  redemption?: string;
  kind?: (typeof lineKinds)[number];
  debtor?: number;
  only?: 'disputed' | 'suspended' | 'late';
};

export const lineId =
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.(redemption|reversal|adjustment)\.\d{1,5}$/;

/** The lines of a statement in the order they were booked, a page of them. */
export async function listLines(
  c: Ctx,
  id: number,
  filter: LineFilter,
  limit: number,
  after?: Cursor,
): Promise<{ lines: LineView[]; next: string | null }> {
  const rows = await readLines(c, id, sql`${wanted(filter)} and ${isAfter(after)}`, limit + 1);
  const lines = rows.slice(0, limit).map(({ micros: _micros, ...line }) => line);
  const last = rows.slice(0, limit).at(-1);
  const next =
    rows.length > limit && last
      ? encodeCursor({
          micros: last.micros,
          id: `${last.redemptionId}.${last.kind}.${last.leg}`,
        })
      : null;
  return { lines, next };
}

/** The lines of one day (Asia/Shanghai): what an export reads at a time. */
export const linesOfDay = (c: Ctx, id: number, day: string): Promise<LineView[]> =>
  readLines(
    c,
    id,
    sql`l.at >= day_begin(${day}::date) and l.at < day_begin(${day}::date + 1)`,
    null,
  );

async function readLines(
  c: Ctx,
  id: number,
  condition: SQL,
  limit: number | null,
): Promise<(LineView & { micros: number })[]> {
  const rows = await c.env.db.execute<LineView & { micros: number }>(sql`
    with ${reached(signedIn(c))}
    select l.redemption_id as "redemptionId", l.kind, l.leg, l.at as "bookedAt",
      (l.at at time zone 'UTC')::text as "bookedUtc", r.at as "scannedAt",
      jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en) as benefit,
      ${named('o')} as outlet, ${named('h')} as host, ${named('p')} as partner,
      ${named('w')} as creditor,
      case when s.is_partner is not true or s.is_money then ${named('d')} end as debtor,
      l.is_charge as "isCharge", l.amount_fen as "amountFen",
      (select q.state from dispute q where q.statement_id = s.id and q.cell = l.cell
        and q.redemption_id = l.redemption_id and q.state <> 'withdrawn') as dispute,
      exists (select from suspension x where x.statement_id = s.id and x.cell = l.cell
        and x.redemption_id = l.redemption_id and x.released_at is null) as "isSuspended",
      (extract(epoch from l.at) * 1000000)::bigint as micros
    from reached s
      cross join lateral payable_legs(
        day_begin(s.month), day_begin((s.month + interval '1 month')::date)) l
      join redemption r on r.cell = l.cell and r.id = l.redemption_id
      join benefit b on b.id = r.benefit_id
      join outlet o on o.id = r.outlet_id
      join trade_union h on h.id = o.district_id
      join partner p on p.id = l.partner_id
      join trade_union d on d.id = l.union_id
      join trade_union w on w.id = l.creditor_id
    where s.id = ${id} and ${isOfStatement} and ${condition}
    order by l.at, l.redemption_id, l.kind, l.leg
    ${limit === null ? sql`` : sql`limit ${limit}`}`);
  if (rows.length === 0) await requireReached(c, id);
  return rows;
}

/** Whether line `l` stands in statement `s` of its month. */
export const isOfStatement = sql`case s.kind
  when 'partner' then l.partner_id = s.partner_id and l.creditor_id = s.union_id
  else (l.union_id, l.creditor_id) in ((s.union_id, s.other_id), (s.other_id, s.union_id)) end`;

async function requireReached(c: Ctx, id: number): Promise<void> {
  const found = await c.env.db.execute(sql`
    with ${reached(signedIn(c))} select from reached s where s.id = ${id}`);
  if (found.length === 0) await refuse(c);
}

function wanted({ redemption, kind, debtor, only }: LineFilter): SQL {
  const parts = [
    redemption !== undefined && sql`l.redemption_id = ${redemption}::uuid`,
    kind !== undefined && sql`l.kind = ${kind}`,
    debtor !== undefined && sql`l.union_id = ${debtor} and s.is_partner is not true`,
    only === 'disputed' &&
      sql`exists (select from dispute q where q.statement_id = s.id and q.cell = l.cell
        and q.redemption_id = l.redemption_id and q.state <> 'withdrawn')`,
    only === 'suspended' &&
      sql`exists (select from suspension x where x.statement_id = s.id and x.cell = l.cell
        and x.redemption_id = l.redemption_id and x.released_at is null)`,
    only === 'late' && sql`r.at < day_begin(s.month)`,
  ];
  return sql.join([sql`true`, ...parts.filter((part) => typeof part === 'object')], sql` and `);
}

function isAfter(cursor: Cursor | undefined): SQL {
  if (!cursor) return sql`true`;
  const [redemption = '', kind = '', leg = ''] = cursor.id.split('.');
  const at = sql`'epoch'::timestamptz + ${cursor.micros}::bigint * interval '1 microsecond'`;
  return sql`l.at >= ${at}
    and (l.at, l.redemption_id, l.kind, l.leg) > (${at}, ${redemption}::uuid, ${kind}, ${Number(leg)}::int)`;
}
