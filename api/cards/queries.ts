import type { Sql, Transaction } from '../../db/client.ts';
import type { Actor } from '../caller.ts';
import { memberOf } from '../members/me.ts';

export type CardStatus = 'live' | 'replaced' | 'lost' | 'blocked';

export type Holder = {
  now: Date;
  name: string;
  unionZh: string;
  unionEn: string;
  districtZh: string;
  districtEn: string;
  /** The card on the phone that asks, and where the live one is now. */
  number: number | null;
  status: CardStatus | null;
  endedAt: Date | null;
  livePhoneLabel: string | null;
};

export async function readHolder(
  sql: Sql,
  actor: Actor,
  phoneHash: string | null,
): Promise<Holder | undefined> {
  const [holder] = await sql<Holder[]>`
    with me as materialized (${memberOf(sql, actor)})
    select clock() as now, m.name, u.name_zh as "unionZh", u.name_en as "unionEn",
      d.name_zh as "districtZh", d.name_en as "districtEn",
      c.number, c.status, c.ended_at as "endedAt", live.phone_label as "livePhoneLabel"
    from me
    join member m on m.cell = me.cell and m.id = me.member_id
    join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
    join trade_union u on u.id = a.union_id
    join trade_union d on d.id = u.district_id
    left join lateral (${cardOnPhone(sql, phoneHash)}) c on true
    left join card live
      on live.cell = me.cell and live.member_id = me.member_id and live.status = 'live'
      and live.kind = 'phone'`;
  return holder;
}

/** The newest card of his own that the member of `me` had on this phone. */
export const cardOnPhone = (sql: Sql, phoneHash: string | null) => sql`
  select number, status, ended_at from card
  where card.cell = me.cell and card.member_id = me.member_id and kind = 'phone'
    and phone_hash = ${phoneHash}
  order by status = 'live' desc, enrolled_at desc limit 1`;

export type MemberKey = { cell: number; id: number };

/** Member first, on every path (decision 5): it also puts two enrolments of one member in a row. */
export async function lockMember(
  tx: Transaction,
  sql: Sql,
  actor: Actor,
): Promise<MemberKey | undefined> {
  const [member] = await tx<MemberKey[]>`
    with me as materialized (${memberOf(sql, actor)})
    select m.cell, m.id from member m join me on m.cell = me.cell and m.id = me.member_id
    for no key update of m`;
  return member;
}

export type LatestCard = {
  number: number;
  status: CardStatus;
  phoneHash: string;
  phoneLabel: string;
  enrolledAt: Date;
  /** When the member last lost a card, this one or an earlier one. */
  lostAt: Date | null;
};

/** Whether a union has blocked the member's cards. */
export async function isBlocked(tx: Transaction, { cell, id }: MemberKey): Promise<boolean> {
  const [row] = await tx<{ isBlocked: boolean }[]>`
    select is_blocked(${cell}::smallint, ${id}::bigint) as "isBlocked"`;
  return row?.isBlocked === true;
}

export async function readLatestCard(
  tx: Transaction,
  { cell, id }: MemberKey,
): Promise<LatestCard | undefined> {
  const [card] = await tx<LatestCard[]>`
    select number, status, phone_hash as "phoneHash", phone_label as "phoneLabel",
      enrolled_at as "enrolledAt",
      max(ended_at) filter (where status = 'lost') over () as "lostAt"
    from card where cell = ${cell} and member_id = ${id} and kind = 'phone'
    order by status = 'live' desc, enrolled_at desc limit 1`;
  return card;
}

export async function endCard(
  tx: Transaction,
  { cell }: MemberKey,
  number: number,
  status: 'replaced',
): Promise<void> {
  await tx`
    update card set status = ${status}, ended_at = clock()
    where cell = ${cell} and number = ${number}`;
}

/** Undefined when the number is taken. */
export async function insertCard(
  tx: Transaction,
  { cell, id }: MemberKey,
  card: { number: number; phoneHash: string; phoneLabel: string },
): Promise<Date | undefined> {
  const [row] = await tx<{ enrolledAt: Date }[]>`
    insert into card (cell, number, member_id, phone_hash, phone_label, enrolled_at)
    values (${cell}, ${card.number}, ${id}, ${card.phoneHash}, ${card.phoneLabel}, clock())
    on conflict (cell, number) do nothing
    returning enrolled_at as "enrolledAt"`;
  return row?.enrolledAt;
}

/** The member's live card, on whichever phone, is lost from now on, and every session but the one that says so ends. */
export async function loseCard(sql: Sql, actor: Actor): Promise<Date | undefined> {
  const [row] = await sql<{ lostAt: Date }[]>`
    with me as materialized (${memberOf(sql, actor)}), lost as (
      update card c set status = 'lost', ended_at = clock()
      from me
      where c.cell = me.cell and c.member_id = me.member_id and c.status = 'live'
        and c.kind = 'phone'
      returning c.ended_at
    )
    select ended_at as "lostAt", end_some_sessions(${actor.userId}, null, ${actor.sessionAt})
    from lost`;
  return row?.lostAt;
}
