import type { Sql } from '../../db/client.ts';
import type { Actor } from '../caller.ts';
import { memberOf } from '../members/me.ts';
import { type OwnRedemption, ownRedemption } from '../redemptions/own.ts';
import { cardOnPhone, type CardStatus } from './queries.ts';

export type CardEvent = { type: 'redemption' | 'reversal' } & OwnRedemption;

export type News = {
  events: CardEvent[];
  /** The card on the phone that asks. */
  card: { status: CardStatus; endedAt: string | null } | null;
  /** What to send as `after` next time: the instant of the newest event there is, in microseconds. */
  next: string;
};

/**
 * What happened to the member's redemptions since `after`: one look into the index, at his twenty newest. They are
 * recorded under his lock, so none comes in before one that was already told. Without `after` only `next` is told.
 */
export async function readNews(
  sql: Sql,
  actor: Actor,
  phoneHash: string | null,
  after: string | undefined,
): Promise<News | undefined> {
  const [news] = await sql<News[]>`
    with me as materialized (${memberOf(sql, actor)}),
    recent as materialized (
      select r.* from me
      cross join lateral (
        select * from redemption r where r.cell = me.cell and r.member_id = me.member_id
        order by r.booked_at desc limit 20
      ) r
    )
    select
      coalesce((
        select jsonb_agg(
          jsonb_build_object('type', happened.type) || ${ownRedemption(sql)}
          order by happened.at, happened.type
        )
        from recent r
        cross join lateral (
          values ('redemption', r.booked_at), ('reversal', r.reversed_at)
        ) happened (type, at)
        where happened.at > ${after ?? 'infinity'}::timestamptz
      ), '[]') as events,
      (
        select jsonb_build_object('status', c.status, 'endedAt', iso(c.ended_at))
        from (${cardOnPhone(sql, phoneHash)}) c
      ) as card,
      to_char(
        coalesce((select max(greatest(booked_at, reversed_at)) from recent), '2000-01-01Z')
          at time zone 'UTC',
        'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
      ) as next
    from me`;
  return news;
}
