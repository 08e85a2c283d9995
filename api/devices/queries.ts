import type { Sql } from '../../db/client.ts';
import type { Actor } from '../caller.ts';

export type LeaseView = {
  id: number;
  benefit: number;
  units: number;
  used: number;
  expiresAt: string;
};

export type Leases = { serverTime: Date; leases: LeaseView[] };

type Answer = Leases & { revokedAt: Date | null };

/** Notes that the device was heard of; undefined when the caller is not posted at its outlet. */
export async function greet(
  sql: Sql,
  actor: Actor,
  id: number,
): Promise<{ revokedAt: Date | null } | undefined> {
  const [device] = await sql<{ revokedAt: Date | null }[]>`
    update device set seen_at = clock()
    where id in (select id from (${ownDevice(sql, actor, id)}) mine)
    returning revoked_at as "revokedAt"`;
  return device;
}

/** Undefined when the caller is not posted at the device's outlet; a revoked device keeps what it has. */
export async function renew(sql: Sql, actor: Actor, id: number): Promise<Answer | undefined> {
  const [answer] = await sql<Answer[]>`
    with mine as materialized (${ownDevice(sql, actor, id)})
    select clock() as "serverTime", mine.revoked_at as "revokedAt", held.leases
    from mine cross join lateral (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', l.lease, 'benefit', l.benefit, 'units', l.units, 'used', l.used,
        'expiresAt', iso(l.expires_at)) order by l.benefit), '[]') as leases
      from renew_leases(mine.id) l
      where mine.revoked_at is null
    ) held`;
  return answer;
}

/** Undefined when the caller is not posted at the device's outlet. */
export async function giveBack(sql: Sql, actor: Actor, id: number): Promise<Leases | undefined> {
  const [answer] = await sql<Leases[]>`
    with mine as materialized (${ownDevice(sql, actor, id)})
    select clock() as "serverTime", '[]'::jsonb as leases
    from mine cross join lateral (select return_leases(mine.id)) done`;
  return answer;
}

const ownDevice = (sql: Sql, { userId, sessionAt, secondFactorAt }: Actor, id: number) => sql`
  select d.id, d.revoked_at from device d
  where d.id = ${id}::int and exists (
    select from authority(${userId}::text, ${sessionAt}::timestamptz, ${secondFactorAt}::timestamptz) me
    where me.role in ('operator', 'manager') and d.outlet_id = any(me.outlet_ids))`;
