import { sql } from 'drizzle-orm';
import { authority, refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { hasCharge } from './charge.ts';

export type DeviceView = {
  id: number;
  name: string;
  outlet: Named;
  partner: Named;
  pairedAt: Date;
  seenAt: Date;
  revokedAt: Date | null;
  /** Every scan up to this number has its verdict or was declared lost. */
  judgedSeq: number;
  /** Leased to it and not used. */
  unitsOut: number;
  /** Scans that are here and not judged, because an earlier one is missing. */
  waiting: number;
  canRevoke: boolean;
};

/**
 * The devices of a manager's partners, and of those that a union of an officer's scope contracted; with `union` only of
 * partners that this union or one below it contracted.
 */
export async function listDevices(c: Ctx, union?: number): Promise<DeviceView[]> {
  const actor = signedIn(c);
  const rows = await c.env.db.execute<DeviceView | { id: null }>(sql`
    with me as materialized (
      select role, partner_id, union_id from ${authority(actor)}
      where role = 'manager' or role_may(role, 'read'))
    select d.*
    from (select from me limit 1) known
    left join (
      select d.id, d.name, ${named('o')} as outlet, ${named('p')} as partner,
        d.paired_at as "pairedAt", d.seen_at as "seenAt", d.revoked_at as "revokedAt",
        d.judged_seq as "judgedSeq",
        (select coalesce(sum(l.units - l.used), 0)::int from lease l
          where l.device_id = d.id and l.returned_at is null) as "unitsOut",
        (select count(*)::int from offline_item i
          where i.device_id = d.id and i.seq > d.judged_seq and i.verdict is null) as waiting,
        d.revoked_at is null and exists (
          select from me where ${hasCharge}) as "canRevoke"
      from device d
        join outlet o on o.id = d.outlet_id
        join partner p on p.id = o.partner_id
        join trade_union u on u.id = p.union_id
      where exists (
        select from me where me.partner_id = p.id or me.union_id = any(u.path))
        and (${union ?? null}::int is null or ${union ?? null}::int = any(u.path))
    ) d on true
    order by d."revokedAt" is not null, d.id desc`);
  if (rows.length === 0) return refuse(c);
  return rows.filter((row): row is DeviceView => row.id !== null);
}
