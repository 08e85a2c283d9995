import type { Sql } from '../../db/client.ts';

/** Housekeeping: closes proposals that nobody decided in time; none of them could be confirmed any more. */
export async function expireProposals(sql: Sql): Promise<number> {
  const expired = await sql`
    update proposal set state = 'stale', decided_at = clock(), decided_by = 'service'
    where id in (
      select id from proposal where state = 'open' and expires_at <= clock()
      order by id limit 1000 for no key update skip locked)
    returning 1`;
  return expired.length;
}
