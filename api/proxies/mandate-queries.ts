import type { Sql, Transaction } from '../../db/client.ts';
import type { Actor } from '../caller.ts';
import { isOpen, type Principal, type ProxyKind } from './queries.ts';

/** Somebody for whom the caller may act, or is asked to. */
export type Mandate = {
  id: number;
  kind: ProxyKind;
  maskedName: string;
  acceptedAt: string | null;
  endsAt: string | null;
};

/**
 * Mandates of the caller that count at this moment: the session is live, the member has not left, and a clerk still holds
 * an office over the member's union that may.
 */
const mandatesOf = (sql: Sql, { userId, sessionAt, secondFactorAt }: Actor) => sql`
  select p.*, m.name from proxy p
  join auth_user u on u.id = p.user_id
  join member m on m.cell = p.cell and m.id = p.member_id
  join affiliation a on a.cell = p.cell and a.member_id = p.member_id and a.ended_at is null
  join trade_union t on t.id = a.union_id
  where p.user_id = ${userId} and ${isOpen(sql)}
    and session_counts(u, ${sessionAt}::timestamptz)
    and (p.kind = 'family' or exists (
      select from authority(${userId}::text, ${sessionAt}::timestamptz, ${secondFactorAt}::timestamptz) self
      where role_may(self.role, 'members') and self.union_id = any (t.path)
    ))`;

export async function readMandates(sql: Sql, actor: Actor): Promise<Mandate[]> {
  return sql<Mandate[]>`
    select p.id, p.kind, masked_name(p.name) as "maskedName", iso(p.accepted_at) as "acceptedAt",
      iso(p.ends_at) as "endsAt"
    from (${mandatesOf(sql, actor)}) p order by p.id`;
}

/** Holds the member of one of the caller's mandates; undefined when it is none of his. */
export async function lockPrincipal(
  tx: Transaction,
  sql: Sql,
  actor: Actor,
  id: number,
): Promise<(Principal & { acceptedAt: Date | null }) | undefined> {
  const [found] = await tx<Principal[]>`
    select m.cell, m.id from member m
    where (m.cell, m.id) in (select p.cell, p.member_id from (${mandatesOf(sql, actor)}) p where p.id = ${id})
    for no key update of m`;
  if (!found) return undefined;
  // It may have ended while that waited.
  const [now] = await tx<{ acceptedAt: Date | null }[]>`
    select p.accepted_at as "acceptedAt" from (${mandatesOf(sql, actor)}) p where p.id = ${id}`;
  return now && { ...found, ...now };
}

export async function acceptMandate(tx: Transaction, id: number): Promise<void> {
  await tx`update proxy set accepted_at = clock() where id = ${id} and accepted_at is null`;
}

export async function endMandate(tx: Transaction, id: number): Promise<void> {
  await tx`select end_proxies(array[${id}::int])`;
}

export async function isPrincipalBlocked(tx: Transaction, { cell, id }: Principal) {
  const [row] = await tx<{ isBlocked: boolean }[]>`
    select is_blocked(${cell}::smallint, ${id}::bigint) as "isBlocked"`;
  return row?.isBlocked === true;
}

/** The card on this phone, a new one where it was on another; that one ends. */
export async function putOnPhone(
  tx: Transaction,
  proxy: number,
  { cell, id }: Principal,
  phone: { phoneHash: string; phoneLabel: string },
): Promise<void> {
  await tx`
    update card set status = 'replaced', ended_at = clock()
    where proxy_id = ${proxy} and status = 'live' and phone_hash <> ${phone.phoneHash}`;
  await tx`
    select make_card(${cell}::smallint, ${id}::bigint, 'proxy', ${proxy}::int,
      ${phone.phoneHash}::text, ${phone.phoneLabel}::text, null)
    where not exists (select from card where proxy_id = ${proxy} and status = 'live')`;
}

export type Carried = {
  now: Date;
  number: number | null;
  maskedName: string;
  endsAt: Date | null;
};

/** The mandate and its card on the phone that asks, a null number without one; undefined when it is none of the caller's. */
export async function readCarried(
  sql: Sql,
  actor: Actor,
  id: number,
  phoneHash: string | null,
): Promise<Carried | undefined> {
  const [found] = await sql<Carried[]>`
    select clock() as now, c.number, masked_name(p.name) as "maskedName", p.ends_at as "endsAt"
    from (${mandatesOf(sql, actor)}) p
    left join card c on c.cell = p.cell and c.proxy_id = p.id and c.status = 'live'
      and c.phone_hash = ${phoneHash}
    where p.id = ${id} and p.accepted_at is not null`;
  return found;
}
