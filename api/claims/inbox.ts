import type { Sql } from '../../db/client.ts';
import type { ClaimState } from '../../db/schema/claims.ts';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { memberOf, refuseMember } from '../members/me.ts';
import { type OwnClaim, ownClaim } from './own-queries.ts';

const pageLength = 30;

/** One thing a member is told: what became of a claim of his, and what that claim is by now. */
export type InboxItem = {
  id: number;
  at: string;
  before: ClaimState | null;
  state: ClaimState;
  reason: string | null;
  isRead: boolean;
  claim: OwnClaim;
};

export type Inbox = { items: InboxItem[]; unread: number; next: number | null };

/**
 * What he was told, the newest first. What he did himself is not told him: he saw it on the screen; what the clock, a
 * draw, an organiser, or who acts for him did is.
 */
export async function listInbox(c: Ctx, before: number | undefined): Promise<Inbox> {
  const actor = signedIn(c);
  const { sql } = c.env;
  const [found] = await sql<{ items: InboxItem[]; unread: number }[]>`
    with me as materialized (${memberOf(sql, actor)}),
    mark as materialized (
      select coalesce(max(i.read_through), 0) as through
      from me left join inbox_mark i on i.cell = me.cell and i.member_id = me.member_id
    )
    select
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'id', e.id, 'at', iso(e.at), 'before', e.before, 'state', e.state, 'reason', e.reason,
          'isRead', e.id <= mark.through, 'claim', ${ownClaim(sql)}
        ) order by e.id desc)
        from (
          select * from ${told(sql, actor.userId)} where e.id < ${before ?? Number.MAX_SAFE_INTEGER}
          order by e.id desc limit ${pageLength + 1}
        ) e
        join claim c on c.cell = e.cell and c.id = e.claim_id
      ), '[]') as items,
      ${unread(sql, actor.userId)} as unread
    from me, mark`;
  if (!found) return refuseMember(c, actor);
  const items = found.items.slice(0, pageLength);
  const hasMore = found.items.length > pageLength;
  return { items, unread: found.unread, next: hasMore ? (items.at(-1)?.id ?? null) : null };
}

/** How many of them are new: what the mark on the tab asks for again and again. */
export async function countUnread(c: Ctx): Promise<{ unread: number }> {
  const actor = signedIn(c);
  const { sql } = c.env;
  const [found] = await sql<{ unread: number }[]>`
    with me as materialized (${memberOf(sql, actor)}),
    mark as materialized (
      select coalesce(max(i.read_through), 0) as through
      from me left join inbox_mark i on i.cell = me.cell and i.member_id = me.member_id
    )
    select ${unread(sql, actor.userId)} as unread from me, mark`;
  return found ?? refuseMember(c, actor);
}

/** He has seen everything up to this one; it never goes back. */
export async function markRead(c: Ctx, through: number): Promise<{ unread: number }> {
  const actor = signedIn(c);
  const { sql } = c.env;
  await sql`
    with me as materialized (${memberOf(sql, actor)})
    insert into inbox_mark (cell, member_id, read_through)
    select me.cell, me.member_id, least(${through}::bigint, (
      select coalesce(max(e.id), 0) from claim_event e
      where e.cell = me.cell and e.member_id = me.member_id
    )) from me
    on conflict (cell, member_id) do update
    set read_through = greatest(inbox_mark.read_through, excluded.read_through)`;
  return countUnread(c);
}

const told = (sql: Sql, userId: string) => sql`(
  select e.* from claim_event e
  where e.cell = me.cell and e.member_id = me.member_id and e.by is distinct from ${userId}
) e`;

const unread = (sql: Sql, userId: string) => sql`(
  select count(*)::int from (
    select from ${told(sql, userId)} where e.id > mark.through limit 100
  ) counted
)`;
