import type { Sql } from '../../db/client.ts';
import type { offlineItem } from '../../db/schema/offline.ts';
import type { Reason } from '../../db/schema/reasons.ts';
import type { Actor } from '../caller.ts';
import type { Link, Sent } from './chain.ts';
import type { OfflineItem } from './read-scan.ts';

export type Verdict = Exclude<(typeof offlineItem.$inferSelect)['verdict'], null>;

/** Stores the texts as they are, in a commit of their own; doing it twice is doing it once. */
export async function keepItems(
  sql: Sql,
  device: number,
  { prev }: Pick<Sent, 'prev'>,
  links: Link[],
): Promise<void> {
  await sql`select keep_offline_items(${device}, ${prev}, ${sql.json(links)})`;
}

export type Waiting = { seq: number; body: string };

/** What comes next to be judged, in order and without a gap; at most a hundred. */
export function readWaiting(sql: Sql, device: number): Promise<Waiting[]> {
  return sql<Waiting[]>`select seq, body from unjudged_offline_items(${device}) order by seq`;
}

/** A scan for redeem(), or why it cannot be one, with what is known of it all the same. */
export type Judged = { seq: number } & (
  | OfflineItem
  | ({ invalid: string } & Partial<Pick<OfflineItem, 'benefit' | 'quantity' | 'scannedAt'>>)
);

/** Redeems and judges a run of scans in one statement; how many it judged: none when they are not the next ones. */
export async function bookItems(sql: Sql, device: number, items: Judged[]): Promise<number> {
  const [booked] = await sql<{ count: number }[]>`
    select count(*)::int as count from book_offline_items(${device}, ${sql.json(items)})`;
  return booked?.count ?? 0;
}

export type ItemVerdict = { seq: number; verdict: Verdict | null; reason: string | null };

/** How these texts stand now. */
export async function readVerdicts(
  sql: Sql,
  device: number,
  links: Link[],
): Promise<ItemVerdict[]> {
  return sql<ItemVerdict[]>`
    select i.seq, i.verdict, i.reason
    from jsonb_to_recordset(${sql.json(links)}) as q (seq int, hash text)
      join offline_item i on i.device_id = ${device} and i.seq = q.seq and i.hash = q.hash
    order by i.seq`;
}

export type DeviceItem = ItemVerdict & {
  hash: string;
  decision: 'pay' | 'reject' | null;
  decidedAt: string | null;
  decisionReason: string | null;
};

const itemsMax = 500;

/** What became of a device's scans after a number; undefined when the caller is not posted at its outlet. */
export async function readDeviceItems(
  sql: Sql,
  { userId, sessionAt, secondFactorAt }: Actor,
  device: number,
  after: number,
): Promise<DeviceItem[] | undefined> {
  const [found] = await sql<{ items: DeviceItem[] }[]>`
    select coalesce((
      select jsonb_agg(jsonb_build_object(
        'seq', i.seq, 'hash', i.hash, 'verdict', i.verdict, 'reason', i.reason,
        'decision', i.decision, 'decidedAt', iso(i.decided_at), 'decisionReason', i.decision_reason
      ) order by i.seq, i.received_at, i.hash)
      from (
        select * from offline_item
        where device_id = d.id and seq > ${after}::int
        -- All that stand at one number, so that none is lost between two pages.
        order by seq fetch first (${itemsMax}::int) rows with ties
      ) i
    ), '[]') as items
    from device d
    where d.id = ${device}::int and exists (
      select from authority(${userId}::text, ${sessionAt}::timestamptz, ${secondFactorAt}::timestamptz) me
      where me.role in ('operator', 'manager') and d.outlet_id = any(me.outlet_ids))`;
  return found?.items;
}

/** The text that a decision is about, whoever may decide on it. */
export async function readBody(
  sql: Sql,
  { device, seq, hash }: ItemKey,
): Promise<string | undefined> {
  const [row] = await sql<{ body: string }[]>`
    select body from offline_item where device_id = ${device} and seq = ${seq} and hash = ${hash}`;
  return row?.body;
}

export type ItemKey = { device: number; seq: number; hash: string };

/** A reason says why what is to be paid cannot be booked. */
export type DecisionOutcome =
  | 'decided'
  | 'replayed'
  | 'already_decided'
  | 'period_closed'
  | 'not_found'
  | 'pass_invalid'
  | Reason;

export async function decideItem(
  sql: Sql,
  decision: ItemKey & {
    decision: 'pay' | 'reject';
    reason: string;
    /** What redeem() is to book where it was not booked yet; absent where the text does not tell. */
    item?: OfflineItem;
    user: string;
    sessionAt: string;
    secondFactorAt: string | null;
  },
): Promise<DecisionOutcome> {
  const [row] = await sql<{ outcome: DecisionOutcome }[]>`
    select decide_offline_item(${sql.json(decision)}) ->> 'outcome' as outcome`;
  if (!row) throw new Error('decide_offline_item() gave no row.');
  return row.outcome;
}
