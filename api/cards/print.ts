import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { cellOfMember } from '../members/member-id.ts';
import { printPass } from '../passes/printed.ts';
import { holding } from '../unions/office.ts';

export type PrintedCard = {
  issuedAt: Date;
  expiresAt: Date;
  /** What its QR holds. */
  content: string;
};

export type Printable = {
  name: string;
  unionZh: string;
  unionEn: string;
  hasIdNumber: boolean;
  card: PrintedCard | null;
};

type Found = Omit<Printable, 'card'> & {
  cell: number;
  unionId: number;
  isBlocked: boolean;
} & ({ number: number; issuedAt: Date; expiresAt: Date } | { number: null; expiresAt: null });

/** A member for who keeps the members of his union, with his printed card that is live. */
const printable = (actor: Actor, id: number) => sql`
  with office as materialized (${holding(actor, 'members')})
  select m.cell, m.name, u.name_zh as "unionZh", u.name_en as "unionEn", u.id as "unionId",
    m.id_cipher is not null as "hasIdNumber", is_blocked(m.cell, m.id) as "isBlocked",
    c.number, c.enrolled_at as "issuedAt", c.expires_at as "expiresAt"
  from member m
    join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
    join trade_union u on u.id = a.union_id
    left join card c on c.cell = m.cell and c.member_id = m.id and c.kind = 'printed'
      and c.status = 'live'
  where m.cell = ${cellOfMember(id)} and m.id = ${id}
    and exists (select from office o where o.union_id = any(u.path))`;

export async function readPrintedCard(c: Ctx, id: number): Promise<Printable> {
  const [found] = await c.env.db.execute<Found>(printable(signedIn(c), id));
  return found ? shown(c, found) : refuse(c);
}

/** Makes the member's card on paper, good for a year; an earlier one stops at once. */
export const issuePrintedCard = (c: Ctx, id: number, reason: string): Promise<Printable> =>
  change(c, id, async (tx, found, actor) => {
    if (!found.hasIdNumber) throw new Problem('id_number_missing');
    if (found.isBlocked) throw new Problem('card_blocked');
    await end(tx, id, 'replaced');
    const [made] = await tx.execute<{ expiresAt: Date }>(sql`
      with validity as materialized (
        select date_trunc('second', clock()) + interval '1 year' as until)
      select until as "expiresAt", make_card(
        ${found.cell}::smallint, ${id}::bigint, 'printed', null, '', '', until) as number
      from validity`);
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'card.print',
      subject: 'member',
      subjectId: id,
      reason,
      before: found.number === null ? null : { expiresAt: found.expiresAt },
      after: { expiresAt: made?.expiresAt ?? null },
    });
  });

/** The card on paper is refused from now on, wherever a copy of it may be. */
export const revokePrintedCard = (c: Ctx, id: number, reason: string): Promise<Printable> =>
  change(c, id, async (tx, found, actor) => {
    if (found.number === null) throw new Problem('changed_meanwhile');
    await end(tx, id, 'lost');
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'card.revoke',
      subject: 'member',
      subjectId: id,
      reason,
      before: { expiresAt: found.expiresAt },
      after: null,
    });
  });

async function change(
  c: Ctx,
  id: number,
  act: (tx: Tx, found: Found, actor: Actor) => Promise<void>,
): Promise<Printable> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const [asked] = await tx.execute<Found>(printable(actor, id));
    if (!asked) return undefined;
    await tx.execute(
      sql`select from member where cell = ${asked.cell} and id = ${id} for no key update`,
    );
    const [found] = await tx.execute<Found>(printable(actor, id));
    if (!found) return undefined;
    await act(tx, found, actor);
    const [after] = await tx.execute<Found>(printable(actor, id));
    return after;
  });
  return done ? shown(c, done) : refuse(c);
}

const end = (tx: Tx, id: number, status: 'replaced' | 'lost') =>
  tx.execute(sql`
    update card set status = ${status}, ended_at = clock()
    where cell = ${cellOfMember(id)} and member_id = ${id} and kind = 'printed' and status = 'live'`);

async function shown(c: Ctx, found: Found): Promise<Printable> {
  const { name, unionZh, unionEn, hasIdNumber } = found;
  const member = { name, unionZh, unionEn, hasIdNumber };
  if (found.number === null) return { ...member, card: null };
  const { number, issuedAt, expiresAt } = found;
  const exp = expiresAt.getTime() / 1000;
  const content = await printPass(c.env, { card: number, exp });
  return { ...member, card: { issuedAt, expiresAt, content } };
}
