import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { cellOf } from '../redemptions/id.ts';
import { offices } from '../unions/office.ts';
import type { CardStatus } from './queries.ts';

export type CardOfRedemption = { status: CardStatus; canBlock: boolean };

type Found = CardOfRedemption & {
  cell: number;
  memberId: number;
  unionId: number;
};

/**
 * The card of whoever made a redemption, for officers of that member's own union and those above it; the host district,
 * and the union that only paid, are told what they are told of a missing one. Nothing names the member. Of several it is
 * the one that works, his phone's first.
 */
const holder = (actor: Actor, redemption: string) => sql`
  with office as materialized (${offices(actor)})
  select c.status, c.cell, c.member_id as "memberId", u.id as "unionId",
    exists (select from office o where role_may(o.role, 'operate') and o.union_id = any(u.path))
      as "canBlock"
  from redemption r
    join affiliation a on a.cell = r.cell and a.member_id = r.member_id and a.ended_at is null
    join trade_union u on u.id = a.union_id
    join lateral (
      select * from card c
      where c.cell = r.cell and c.member_id = r.member_id
        and not exists (select from proxy p where p.id = c.proxy_id and p.ended_at is not null)
      order by c.status = 'live' desc, c.kind = 'phone' desc, c.enrolled_at desc limit 1) c on true
  where r.cell = ${cellOf(redemption)} and r.id = ${redemption}
    and exists (select from office o where o.union_id = any(u.path))`;

export async function readCard(c: Ctx, redemption: string): Promise<CardOfRedemption> {
  const [found] = await c.env.db.execute<Found>(holder(signedIn(c), redemption));
  return found ? { status: found.status, canBlock: found.canBlock } : refuse(c);
}

/** From now on the member's cards are refused everywhere, and he cannot have another one. */
export const blockCard = (c: Ctx, redemption: string, reason: string) =>
  setBlocked(c, redemption, true, reason);

/** The cards work again where they were. */
export const unblockCard = (c: Ctx, redemption: string, reason: string) =>
  setBlocked(c, redemption, false, reason);

async function setBlocked(
  c: Ctx,
  redemption: string,
  isBlock: boolean,
  reason: string,
): Promise<CardOfRedemption> {
  const actor = signedIn(c);
  const [from, to] = isBlock ? (['live', 'blocked'] as const) : (['blocked', 'live'] as const);
  const done = await c.env.db.transaction(async (tx) => {
    const [asked] = await tx.execute<Found>(holder(actor, redemption));
    if (!asked?.canBlock) return undefined;
    const { cell, memberId } = asked;
    // An enrolment holds the member as well, so the card looked at next is the one to block.
    await tx.execute(
      sql`select from member where cell = ${cell} and id = ${memberId} for no key update`,
    );
    const [found] = await tx.execute<Found>(holder(actor, redemption));
    if (!found?.canBlock) return undefined;
    if (found.status !== from) throw new Problem('changed_meanwhile');
    await tx.execute(sql`
      update card set status = ${to}, ended_at = ${isBlock ? sql`clock()` : sql`null`}
      where cell = ${cell} and member_id = ${memberId} and status = ${from}
        and not exists (select from proxy p where p.id = card.proxy_id and p.ended_at is not null)`);
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: isBlock ? 'card.block' : 'card.unblock',
      subject: 'redemption',
      subjectId: redemption,
      reason,
      before: { status: from },
      after: { status: to },
    });
    return { status: to, canBlock: true };
  });
  return done ?? refuse(c);
}
