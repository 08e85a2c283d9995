import { sql } from 'drizzle-orm';
import { record, type Tx } from '../audit/record.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { isKept, keeping } from './keeping.ts';
import { hashOf, type Person } from './person.ts';

export type Standing = { id: number; isMember: boolean };
export type Leaver = { person: Person; reason: string; on?: string | undefined };
export type LeaverAnswer = 'done' | 'left_before' | 'person_unknown' | 'number_invalid' | 'not_yet';

/** Ends a membership at once: the next scan refuses the card. */
export const leave = (c: Ctx, id: number, reason: string) => setLeft(c, id, true, reason);

/** Takes that back, unless he is a member elsewhere by now. */
export const comeBack = (c: Ctx, id: number, reason: string) => setLeft(c, id, false, reason);

async function setLeft(c: Ctx, id: number, isLeaving: boolean, reason: string): Promise<Standing> {
  const changed = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<{ office: number; isMember: boolean }>(sql`
      with office as materialized (${keeping(c)})
      select (select min(o.union_id) from office o where o.union_id = any(t.path)) as office,
        a.ended_at is null as "isMember"
      from affiliation a join trade_union t on t.id = a.union_id
      where a.cell = (${id}::bigint & 63) and a.member_id = ${id}::bigint and ${isKept('t')}
        and a.started_at = (
          select max(f.started_at) from affiliation f where f.cell = a.cell and f.member_id = a.member_id)`);
    if (!found) return false;
    if (found.isMember !== isLeaving || !(await move(c, tx, id, found.office, isLeaving, reason))) {
      throw new Problem('changed_meanwhile');
    }
    return true;
  });
  return changed ? { id, isMember: !isLeaving } : refuse(c);
}

async function move(
  c: Ctx,
  tx: Tx,
  id: number,
  within: number,
  isLeaving: boolean,
  reason: string,
): Promise<boolean> {
  const [moved] = await tx.execute<{ unionId: number | null }>(
    isLeaving
      ? sql`select leave_member(${id}::bigint, ${within}::int, ${reason}) as "unionId"`
      : sql`select return_member(${id}::bigint, ${within}::int) as "unionId"`,
  );
  const unionId = moved?.unionId ?? null;
  if (unionId === null) return false;
  await record(tx, {
    userId: signedIn(c).userId,
    unionId,
    action: isLeaving ? 'member.leave' : 'member.return',
    subject: 'member',
    subjectId: id,
    reason,
    before: { isMember: isLeaving },
    after: { isMember: !isLeaving },
  });
  return true;
}

/**
 * A feed of leavers, or its undoing, each for himself: one answer a line, and a line sent again within a day does nothing
 * more. Who had left before says so, so that an undo does not bring him back. Whoever is not the union's is as unknown
 * as nobody.
 */
export async function takeLeavers(
  c: Ctx,
  unionId: number,
  leavers: readonly Leaver[],
  isLeaving: boolean,
): Promise<LeaverAnswer[]> {
  const [scope] = await c.env.db.execute<{ today: string }>(sql`
    with office as materialized (${keeping(c)})
    select (clock() at time zone 'Asia/Shanghai')::date::text as today
    from trade_union u where u.id = ${unionId} and ${isKept('u')}`);
  if (!scope) return refuse(c);
  const answers: LeaverAnswer[] = [];
  for (const { person, reason, on } of leavers) {
    if (on !== undefined && on > scope.today) answers.push('not_yet');
    else
      answers.push(
        await takeOne(
          c,
          unionId,
          person,
          on === undefined ? reason : `${reason}（${on}）`,
          isLeaving,
        ),
      );
  }
  return answers;
}

async function takeOne(
  c: Ctx,
  unionId: number,
  person: Person,
  reason: string,
  isLeaving: boolean,
): Promise<LeaverAnswer> {
  let hash: Awaited<ReturnType<typeof hashOf>>;
  try {
    hash = await hashOf(c, person);
  } catch (error) {
    if (error instanceof Problem) return 'number_invalid';
    throw error;
  }
  return c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<{ id: number; isMember: boolean; isSame: boolean }>(sql`
      select m.id, a.ended_at is null as "isMember",
        a.end_reason = ${reason} and a.ended_at > clock() - interval '1 day' as "isSame"
      from member m
      join affiliation a on a.cell = m.cell and a.member_id = m.id and a.started_at = (
        select max(f.started_at) from affiliation f where f.cell = m.cell and f.member_id = m.id)
      join trade_union t on t.id = a.union_id and t.path @> array[${unionId}::int]
      where m.phone_hash = ${hash.phone} or m.id_hash = ${hash.id}`);
    if (!found) return 'person_unknown';
    if (found.isMember === isLeaving) await move(c, tx, found.id, unionId, isLeaving, reason);
    else if (isLeaving && !found.isSame) return 'left_before';
    return 'done';
  });
}
