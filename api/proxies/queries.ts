import type { Sql, Transaction } from '../../db/client.ts';
import type { Actor } from '../caller.ts';
import { memberOf } from '../members/me.ts';

export type ProxyKind = 'family' | 'clerk';

/** Somebody who may act for the member, as the member sees him. */
export type Proxy = {
  id: number;
  kind: ProxyKind;
  label: string;
  startedAt: string;
  /** Null until he says yes. */
  acceptedAt: string | null;
  endsAt: string | null;
};

/** Open and not over, as a condition on `proxy p`. */
export const isOpen = (sql: Sql) =>
  sql`p.ended_at is null and (p.ends_at is null or p.ends_at > clock())`;

/** Undefined for who is no member. */
export async function readProxies(sql: Sql, actor: Actor): Promise<Proxy[] | undefined> {
  const [found] = await sql<{ proxies: Proxy[] }[]>`
    with me as materialized (${memberOf(sql, actor)})
    select coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', p.id, 'kind', p.kind, 'label', p.label, 'startedAt', iso(p.started_at),
        'acceptedAt', iso(p.accepted_at), 'endsAt', iso(p.ends_at)
      ) order by p.id)
      from proxy p
      where p.cell = me.cell and p.member_id = me.member_id and ${isOpen(sql)}
    ), '[]') as proxies
    from me`;
  return found?.proxies;
}

export type Principal = { cell: number; id: number };

/** The caller's own member row, held: two of his changes come one after the other. */
export async function lockMe(
  tx: Transaction,
  sql: Sql,
  actor: Actor,
): Promise<Principal | undefined> {
  const [me] = await tx<Principal[]>`
    with me as materialized (${memberOf(sql, actor)})
    select m.cell, m.id from member m join me on m.cell = me.cell and m.id = me.member_id
    for no key update of m`;
  return me;
}

/** Those who take a place of the few; what is over by itself makes room. */
export async function countFamily(tx: Transaction, { cell, id }: Principal): Promise<number> {
  const [row] = await tx<{ count: number }[]>`
    with over as (
      select end_proxies(array(
        select p.id from proxy p
        where p.cell = ${cell} and p.member_id = ${id} and p.ended_at is null
          and p.ends_at <= clock())) as count
    )
    select count(*)::int as count from proxy p, over
    where p.cell = ${cell} and p.member_id = ${id} and p.kind = 'family'
      and p.ended_at is null and (p.ends_at is null or p.ends_at > clock())`;
  return row?.count ?? 0;
}

/** The user of a phone, made where there is none: who is named need not have signed in before. */
export async function userOfPhone(tx: Transaction, phoneHash: string): Promise<string> {
  const [row] = await tx<{ id: string }[]>`
    insert into auth_user (id, name, email, phone_number, phone_number_verified)
    values (${crypto.randomUUID()}, '', ${`${phoneHash}@m.invalid`}, ${phoneHash}, true)
    on conflict (phone_number) do update set updated_at = clock()
    returning id`;
  if (!row) throw new Error('The user was neither found nor made.');
  return row.id;
}

/** Seconds to wait when he named too many today: each may make a user. See take_token(). */
export async function takeNaming(tx: Transaction, { id }: Principal): Promise<number> {
  const [row] = await tx<{ wait: number }[]>`
    select take_token(${`proxies of ${id}`}, 20, interval '1 day') as wait`;
  return row?.wait ?? 0;
}

/** Null when this one is named already. */
export async function insertFamily(
  tx: Transaction,
  member: Principal,
  proxy: { userId: string; namedBy: string; label: string; endsAt: string | null },
): Promise<number | null> {
  const [row] = await tx<{ id: number }[]>`
    insert into proxy (cell, member_id, user_id, kind, label, named_by, started_at, ends_at)
    values (${member.cell}, ${member.id}, ${proxy.userId}, 'family', ${proxy.label},
      ${proxy.namedBy}, clock(), ${proxy.endsAt}::timestamptz)
    on conflict (cell, member_id, user_id) where ended_at is null do nothing
    returning id`;
  return row?.id ?? null;
}

/** False when it was not the member's, or was over. */
export async function endOwnProxy(
  tx: Transaction,
  { cell, id }: Principal,
  proxy: number,
): Promise<boolean> {
  const [row] = await tx<{ ended: number }[]>`
    select end_proxies(array(
      select p.id from proxy p
      where p.id = ${proxy} and p.cell = ${cell} and p.member_id = ${id} and p.ended_at is null
    )) as ended`;
  return row?.ended === 1;
}
