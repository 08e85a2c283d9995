import { sql } from 'drizzle-orm';
import { record, type Tx } from '../audit/record.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx, Services } from '../context.ts';
import { Problem } from '../errors.ts';
import { named, type Named } from '../unions/named.ts';
import { isKept, keeping } from './keeping.ts';
import { memberOf, refuseMember } from './me.ts';
import { hashOf, type Person } from './person.ts';

export type TransferState = 'open' | 'done' | 'declined' | 'void';

export type TransferView = {
  id: number;
  /** Whole to the union that has him, masked to the one that asks. */
  name: string;
  /** Null to the union that asks: it does not learn where he is. */
  from: Named | null;
  to: Named;
  reason: string;
  askedAt: Date;
  agreesAt: Date;
  state: TransferState;
  decidedBy: 'member' | 'union' | 'silence' | null;
  canDecide: boolean;
  /** By the union that asked. */
  canWithdraw: boolean;
};

export type Decision = { id: number; state: TransferState };

const silenceDays = 7;
/** So long a union that was declined by the member himself does not ask him again. */
const declinedDays = 30;
/** An office that asks for number after number would learn who is a member. */
const asksAnHour = 30;
const listedMax = 100;
const dueAtOnce = 200;

/** Asks for a member of another union, by his number; not again soon where the member himself declined. */
export async function askTransfer(
  c: Ctx,
  unionId: number,
  person: Person,
  reason: string,
): Promise<Decision> {
  const { userId } = signedIn(c);
  const hash = await hashOf(c, person);
  const isUnit = sql`u.id = ${unionId} and u.level = 4 and ${isKept('u')}`;
  // By itself, so that an answer that undoes the rest counts as well.
  const [turn] = await c.env.db.execute<{ wait: number }>(sql`
    with office as materialized (${keeping(c)})
    select take_token(${`transfers of ${userId}`}, ${asksAnHour}, interval '1 hour') as wait
    from trade_union u where ${isUnit}`);
  if (!turn) return refuse(c);
  if (turn.wait > 0)
    throw new Problem('too_many_transfers', {}, { 'Retry-After': String(turn.wait) });
  const asked = await c.env.db.transaction(async (tx) => {
    const [unit] = await tx.execute(sql`
      with office as materialized (${keeping(c)})
      select u.id from trade_union u where ${isUnit}`);
    if (!unit) return undefined;
    const [found] = await tx.execute<{ id: number; from: number }>(sql`
      select m.id, a.union_id as from from member m
      join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
      where (m.phone_hash = ${hash.phone} or m.id_hash = ${hash.id}) and a.union_id <> ${unionId}`);
    if (!found) throw new Problem('person_unknown');
    const [row] = await tx.execute<Decision>(sql`
      insert into affiliation_transfer (
        cell, member_id, from_union_id, to_union_id, asked_by, reason, asked_at, agrees_at)
      select (${found.id}::bigint & 63)::smallint, ${found.id}::bigint, ${found.from}::int, ${unionId}::int,
        ${userId}, ${reason}, now, now + ${silenceDays} * interval '1 day'
      from clock() as now
      on conflict (cell, member_id, to_union_id) where state = 'open' do nothing
      returning id, state`);
    if (!row) throw new Problem('transfer_asked');
    // Looked at after the insert, which waits for whoever is just deciding on an earlier one.
    const [declined] = await tx.execute<{ again: string | null }>(sql`
      select iso(max(decided_at) + ${declinedDays} * interval '1 day') as again
      from affiliation_transfer
      where cell = (${found.id}::bigint & 63)::smallint and member_id = ${found.id}::bigint
        and to_union_id = ${unionId} and state = 'declined' and decided_by = 'member'
        and decided_at > clock() - ${declinedDays} * interval '1 day'`);
    if (declined?.again) throw new Problem('transfer_declined', { again: declined.again });
    await record(tx, {
      userId,
      unionId,
      action: 'transfer.ask',
      subject: 'union',
      subjectId: unionId,
      reason,
      before: null,
      after: { transfer: row.id },
    });
    return row;
  });
  return asked ?? refuse(c);
}

/** What a union asked for, and what it was asked; the newest first. */
export async function listTransfers(
  c: Ctx,
  unionId: number,
): Promise<{ asked: TransferView[]; asks: TransferView[] }> {
  const [scope] = await c.env.db.execute(sql`
    with office as materialized (${keeping(c)})
    select from trade_union u where u.id = ${unionId} and ${isKept('u')}`);
  if (!scope) return refuse(c);
  const rows = await c.env.db.execute<TransferView & { isAsked: boolean; isAsker: boolean }>(sql`
    select x.id, name_within(m, ${unionId}::int) as name, ${named('f')} as from, ${named('t')} as to, x.reason, x.asked_at as "askedAt",
      x.agrees_at as "agreesAt", x.state, x.decided_by as "decidedBy", x.state = 'open' as "canDecide", false as "canWithdraw",
      f.path @> array[${unionId}::int] as "isAsked", t.path @> array[${unionId}::int] as "isAsker"
    from affiliation_transfer x
    join member m on m.cell = x.cell and m.id = x.member_id
    join trade_union f on f.id = x.from_union_id
    join trade_union t on t.id = x.to_union_id
    where f.path @> array[${unionId}::int] or t.path @> array[${unionId}::int]
    order by x.id desc limit ${listedMax}`);
  const views = rows.map(({ isAsked, isAsker, ...row }) => ({ isAsked, isAsker, row }));
  return {
    asked: views.filter(({ isAsked }) => isAsked).map(({ row }) => row),
    asks: views
      .filter(({ isAsker }) => isAsker)
      .map(({ isAsked, row }) =>
        isAsked
          ? { ...row, canWithdraw: row.state === 'open' }
          : {
              ...row,
              name: `${[...row.name][0] ?? ''}＊`,
              from: null,
              canDecide: false,
              canWithdraw: row.state === 'open',
            },
      ),
  };
}

/** The union that has the member agrees, and it is done; or declines. */
export async function decideTransfer(
  c: Ctx,
  id: number,
  isAgreed: boolean,
  reason: string,
): Promise<Decision> {
  const { userId } = signedIn(c);
  const decided = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<{ unionId: number }>(sql`
      with office as materialized (${keeping(c)})
      select f.id as "unionId" from affiliation_transfer x join trade_union f on f.id = x.from_union_id
      where x.id = ${id} and ${isKept('f')}`);
    return (
      found && decide(tx, { id, unionId: found.unionId, by: 'union', userId, isAgreed, reason })
    );
  });
  return decided ?? refuse(c);
}

/** Whoever asked takes it back: nobody need answer any more, and silence agrees to nothing. */
export async function withdrawTransfer(c: Ctx, id: number, reason: string): Promise<Decision> {
  const { userId } = signedIn(c);
  const withdrawn = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<{ unionId: number }>(sql`
      with office as materialized (${keeping(c)})
      select t.id as "unionId" from affiliation_transfer x join trade_union t on t.id = x.to_union_id
      where x.id = ${id} and ${isKept('t')}`);
    if (!found) return undefined;
    const [row] = await tx.execute<Decision>(sql`
      update affiliation_transfer set state = 'void', decision_reason = ${reason}, decided_at = clock()
      where id = ${id} and state = 'open' returning id, state`);
    if (!row) throw new Problem('changed_meanwhile');
    await record(tx, {
      userId,
      unionId: found.unionId,
      action: 'transfer.decide',
      subject: 'union',
      subjectId: found.unionId,
      reason,
      before: null,
      after: { transfer: id, state: 'void' },
    });
    return row;
  });
  return withdrawn ?? refuse(c);
}

/** What is asked of a member. */
export async function ownTransfers(
  c: Ctx,
): Promise<{ id: number; from: Named; to: Named; askedAt: Date; agreesAt: Date }[]> {
  const actor = signedIn(c);
  const { sql: driver } = c.env;
  const [me] = await driver<
    { transfers: { id: number; from: Named; to: Named; askedAt: Date; agreesAt: Date }[] }[]
  >`
    with me as materialized (${memberOf(driver, actor)})
    select coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', x.id,
        'from', jsonb_build_object('id', f.id, 'nameZh', f.name_zh, 'nameEn', f.name_en),
        'to', jsonb_build_object('id', t.id, 'nameZh', t.name_zh, 'nameEn', t.name_en),
        'askedAt', iso(x.asked_at), 'agreesAt', iso(x.agrees_at)) order by x.id desc)
      from affiliation_transfer x
      join trade_union f on f.id = x.from_union_id
      join trade_union t on t.id = x.to_union_id
      where x.cell = me.cell and x.member_id = me.member_id and x.state = 'open'), '[]') as transfers
    from me`;
  return me?.transfers ?? refuseMember(c, actor);
}

/** The member himself agrees, and it is done; or declines. */
export async function decideOwnTransfer(c: Ctx, id: number, isAgreed: boolean): Promise<Decision> {
  const actor = signedIn(c);
  const { sql: driver } = c.env;
  const [found] = await driver<{ unionId: number | null }[]>`
    with me as materialized (${memberOf(driver, actor)})
    select (
      select x.from_union_id from affiliation_transfer x
      where x.id = ${id} and x.cell = me.cell and x.member_id = me.member_id
    ) as "unionId" from me`;
  if (!found) return refuseMember(c, actor);
  const { unionId } = found;
  if (unionId === null) throw new Problem('not_found');
  return c.env.db.transaction((tx) =>
    decide(tx, { id, unionId, by: 'member', userId: actor.userId, isAgreed, reason: null }),
  );
}

/** Who was asked and said nothing for seven days has agreed. Answers how many. */
export async function agreeTransfers({ db }: Services): Promise<number> {
  const due = await db.execute<{ id: number; unionId: number; askedBy: string }>(sql`
    select id, from_union_id as "unionId", asked_by as "askedBy" from affiliation_transfer
    where state = 'open' and agrees_at <= clock() order by agrees_at limit ${dueAtOnce}`);
  for (const { id, unionId, askedBy } of due) {
    await db.transaction((tx) =>
      decide(tx, { id, unionId, by: 'silence', userId: askedBy, isAgreed: true, reason: null }),
    );
  }
  return due.length;
}

type Deciding = {
  id: number;
  unionId: number;
  by: 'member' | 'union' | 'silence';
  userId: string;
  isAgreed: boolean;
  reason: string | null;
};

async function decide(
  tx: Tx,
  { id, unionId, by, userId, isAgreed, reason }: Deciding,
): Promise<Decision> {
  const wanted = isAgreed ? 'done' : 'declined';
  const [row] = await tx.execute<{ state: TransferState | null }>(
    isAgreed
      ? sql`
        select transfer_member(${id}::int, ${by}, ${reason}) as state`
      : sql`
        update affiliation_transfer set state = 'declined', decided_by = ${by}, decision_reason = ${reason},
          decided_at = clock()
        where id = ${id} and state = 'open' returning state`,
  );
  const state = row?.state ?? null;
  if (state !== wanted && by !== 'silence') throw new Problem('changed_meanwhile');
  if (state === null) return { id, state: 'void' };
  await record(tx, {
    userId,
    unionId,
    action: 'transfer.decide',
    subject: 'union',
    subjectId: unionId,
    reason,
    before: null,
    after: { transfer: id, state, by },
  });
  return { id, state };
}
