import type { Sql } from '../../db/client.ts';
import type { OfflineTerms } from '../../db/schema/leases.ts';
import type { Entry } from './device-phone.ts';

/** A union's leave to redeem a benefit offline. */
export async function allowOffline(sql: Sql, benefit: number, terms: OfflineTerms): Promise<void> {
  const { units, hours, cardUsesADay, valueMaxFen, variancePayer } = terms;
  await sql`
    insert into offline_policy
      (benefit_id, units, hours, card_uses_a_day, value_max_fen, variance_payer)
    values (${benefit}, ${units}, ${hours}, ${cardUsesADay}, ${valueMaxFen}, ${variancePayer})`;
}

/** An answer to one offline scan, as its device hears it. */
export type Judged = { seq: number; verdict: string; reason: string | null };

/**
 * What an upload does to the database: keeps what arrived, then judges what follows without a gap. `itemOf` tells what
 * a scan of the device says once its text is read and its pass verified.
 */
export async function uploadBySql(
  sql: Sql,
  device: number,
  entries: Entry[],
  itemOf: (seq: number) => object,
): Promise<Judged[]> {
  const links = entries.map(({ seq, hash, body }) => ({ seq, hash, body }));
  await sql`select keep_offline_items(${device}, ${entries[0]?.prev ?? ''}, ${sql.json(links)})`;
  const waiting = await sql<{ seq: number }[]>`
    select seq from unjudged_offline_items(${device}) order by seq`;
  const items = waiting.map(({ seq }) => ({ ...itemOf(seq), seq }));
  const judged = await sql<Judged[]>`
    select seq, verdict, reason from book_offline_items(${device}, ${sql.json(items)})
    order by seq`;
  return judged.map((row) => ({ ...row }));
}

/**
 * All that uploads may leave behind, as text that does not tell in which order they came: sums where the ledger has a
 * history, and only what is still open where it has alarms.
 */
export async function endState(sql: Sql): Promise<string[]> {
  const parts = [
    `select 'allocation', id, used, leased from allocation`,
    `select 'lease', id, units, used, returned_at is null from lease`,
    `select 'device', id, judged_seq from device`,
    `select 'redemption', id, card_number, jti, benefit_id, outlet_id, allocation_id, device_id, lease_id, variance,
      quantity, price_fen, at, reversed_at from redemption`,
    `select 'owed', redemption_id, account, sum(fen) from (
      select redemption_id, payer_id as account, -amount_fen as fen from transfer
      union all select redemption_id, payee_id, amount_fen from transfer) leg
      group by 2, 3 having sum(fen) <> 0`,
    `select 'item', device_id, seq, hash, body, redemption_id, verdict, reason from offline_item`,
    `select 'alert', kind, device_id, seq, union_id from alert where closed_at is null`,
  ].map((part) => `select x::text as row from (${part}) x`);
  const rows = await sql.unsafe<{ row: string }[]>(`${parts.join(' union all ')} order by 1`);
  return rows.map(({ row }) => row);
}
