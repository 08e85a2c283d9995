import { sql } from 'drizzle-orm';
import { mark } from '../../db/schema/claims.ts';
import { record } from '../audit/record.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { type Cursor, encodeCursor } from '../cursor.ts';
import { Problem } from '../errors.ts';
import { isKept, keeping } from '../members/keeping.ts';
import { memberOf, refuseMember } from '../members/me.ts';
import { named, type Named } from '../unions/named.ts';

type Kind = (typeof mark.$inferSelect)['kind'];

/** A mark as the member's branch sees it. */
export type MarkView = {
  id: number;
  kind: Kind;
  weight: number;
  at: Date;
  expiresAt: Date;
  /** It delays him now. */
  isLive: boolean;
  liftedAt: Date | null;
  liftReason: string | null;
  member: { id: number; name: string };
  unit: Named;
  benefit: { id: number; titleZh: string; titleEn: string };
  session: { titleZh: string; titleEn: string; startsAt: string | null } | null;
};

export type MarkFilter = { live?: boolean | undefined; cursor?: Cursor; limit: number };

/** The marks of the members of a union and all below it, the newest first; for who keeps their records. */
export async function listMarks(
  c: Ctx,
  unionId: number,
  { live, cursor, limit }: MarkFilter,
): Promise<{ marks: MarkView[]; next: string | null }> {
  const rows = await c.env.db.execute<MarkView & { micros: number }>(sql`
    with office as materialized (${keeping(c)})
    select k.id, k.kind, k.weight, k.at, k.expires_at as "expiresAt", f.is_live as "isLive",
      k.lifted_at as "liftedAt", k.lift_reason as "liftReason",
      jsonb_build_object('id', m.id, 'name', m.name) as member, ${named('t')} as unit,
      jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en) as benefit,
      case when s.id is not null then jsonb_build_object('titleZh', s.title_zh,
        'titleEn', s.title_en, 'startsAt', iso(s.starts_at)) end as session,
      (extract(epoch from k.at) * 1000000)::bigint as micros
    from trade_union u
    join trade_union t on t.path @> array[u.id]
    join affiliation a on a.union_id = t.id and a.ended_at is null
    join member m on m.cell = a.cell and m.id = a.member_id
    join mark k on k.cell = m.cell and k.member_id = m.id
    join claim c on c.cell = k.cell and c.id = k.claim_id
    join benefit b on b.id = c.benefit_id
    left join session s on s.id = c.session_id
    cross join lateral (
      select k.lifted_at is null and k.expires_at > clock() as is_live
    ) f
    where u.id = ${unionId} and ${isKept('u')}
      and ${live === undefined ? sql`true` : sql`f.is_live = ${live}`}
      and ${
        cursor === undefined
          ? sql`true`
          : sql`(k.at, k.id) < (
              'epoch'::timestamptz + ${cursor.micros} * interval '1 microsecond', ${cursor.id}::int)`
      }
    order by k.at desc, k.id desc limit ${limit + 1}`);
  if (rows.length === 0) await requireKept(c, unionId);
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    marks: rows.slice(0, limit).map(({ micros: _, ...view }) => view),
    next: last ? encodeCursor({ micros: last.micros, id: String(last.id) }) : null,
  };
}

/** An empty list is an answer for who keeps the union's members only. */
async function requireKept(c: Ctx, unionId: number): Promise<void> {
  const found = await c.env.db.execute(sql`
    with office as materialized (${keeping(c)})
    select from trade_union u where u.id = ${unionId} and ${isKept('u')}`);
  if (found.length === 0) await refuse(c);
}

/** The branch of the member takes a mark from him; it delays him no more, and stays to be seen. */
export async function liftMark(
  c: Ctx,
  id: number,
  reason: string,
): Promise<{ id: number; liftedAt: Date }> {
  const { userId } = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<{
      unionId: number;
      liftedAt: Date | null;
      weight: number;
      kind: Kind;
    }>(sql`
      with office as materialized (${keeping(c)})
      select t.id as "unionId", k.lifted_at as "liftedAt", k.weight, k.kind
      from mark k
      join affiliation a on a.cell = k.cell and a.member_id = k.member_id and a.ended_at is null
      join trade_union t on t.id = a.union_id
      where k.id = ${id} and ${isKept('t')}
      for update of k`);
    if (!found) return undefined;
    if (found.liftedAt !== null) throw new Problem('changed_meanwhile');
    const [lifted] = await tx
      .update(mark)
      .set({ liftedAt: sql`clock()`, liftedBy: userId, liftReason: reason })
      .where(sql`id = ${id}`)
      .returning({ id: mark.id, liftedAt: mark.liftedAt });
    if (!lifted?.liftedAt) throw new Error('The update returned no row.');
    await record(tx, {
      userId,
      unionId: found.unionId,
      action: 'mark.lift',
      subject: 'mark',
      subjectId: id,
      reason,
      before: { markKind: found.kind, markWeight: found.weight },
      after: null,
    });
    return { id: lifted.id, liftedAt: lifted.liftedAt };
  });
  return done ?? refuse(c);
}

/** A mark as its own member sees it. Instants are ISO 8601. */
export type OwnMark = {
  id: number;
  kind: Kind;
  weight: number;
  at: string;
  expiresAt: string;
  liftedAt: string | null;
  liftReason: string | null;
  benefit: { id: number; titleZh: string; titleEn: string };
  session: { titleZh: string; titleEn: string; startsAt: string | null } | null;
};

export type OwnMarks = {
  /** How much later than others he may claim now; never what is for health or hardship. */
  delaySeconds: number;
  /** When the next of what delays him is over; null where nothing does. */
  until: string | null;
  /** Those of the last year. */
  marks: OwnMark[];
};

export async function listOwnMarks(c: Ctx): Promise<OwnMarks> {
  const actor = signedIn(c);
  const [found] = await c.env.sql<OwnMarks[]>`
    with me as materialized (${memberOf(c.env.sql, actor)})
    select extract(epoch from opening_delay(me.cell, me.member_id, 'culture', clock()))::int
        as "delaySeconds",
      iso((
        select min(k.expires_at) from mark k
        where k.cell = me.cell and k.member_id = me.member_id and k.lifted_at is null
          and k.expires_at > clock()
      )) as until,
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'id', k.id, 'kind', k.kind, 'weight', k.weight, 'at', iso(k.at),
          'expiresAt', iso(k.expires_at), 'liftedAt', iso(k.lifted_at), 'liftReason', k.lift_reason,
          'benefit', jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en),
          'session', case when s.id is not null then jsonb_build_object('titleZh', s.title_zh,
            'titleEn', s.title_en, 'startsAt', iso(s.starts_at)) end
        ) order by k.at desc, k.id desc)
        from mark k
        join claim c on c.cell = k.cell and c.id = k.claim_id
        join benefit b on b.id = c.benefit_id
        left join session s on s.id = c.session_id
        where k.cell = me.cell and k.member_id = me.member_id
          and k.at > clock() - interval '1 year'
      ), '[]') as marks
    from me`;
  return found ?? refuseMember(c, actor);
}
