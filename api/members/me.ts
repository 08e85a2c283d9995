import type { PendingQuery, Row } from 'postgres';
import type { Sql } from '../../db/client.ts';
import { refuse } from '../authority.ts';
import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';

/** The caller as a member with an open affiliation, to stand in a member's statement as `with me as materialized (…)`. */
export const memberOf = (
  sql: Sql,
  { userId, sessionAt, secondFactorAt }: Actor,
): PendingQuery<Row[]> => sql`
  select cell, member_id, district_id
  from authority(${userId}::text, ${sessionAt}::timestamptz, ${secondFactorAt}::timestamptz)
  where role = 'member'`;

/** Why that found nobody. A member who left is told so: his phone shows it instead of a code. */
export async function refuseMember(c: Ctx, actor: Actor): Promise<never> {
  const [standing] = await c.env.sql<{ isMember: boolean; hasLeft: boolean }[]>`
    select m.id is not null as "isMember",
      not exists (
        select from affiliation a
        where a.cell = m.cell and a.member_id = m.id and a.ended_at is null
      ) as "hasLeft"
    from auth_user u left join member m on m.user_id = u.id
    where u.id = ${actor.userId}
      and session_counts(u, ${actor.sessionAt}::timestamptz)`;
  if (!standing) return refuse(c);
  throw new Problem(standing.isMember && standing.hasLeft ? 'member_left' : 'not_a_member');
}

/** For a list that may be empty: only a member is told so. */
export async function requireMember(c: Ctx, actor: Actor): Promise<{ districtId: number }> {
  const [me] = await c.env.sql<{ districtId: number }[]>`
    select district_id as "districtId" from (${memberOf(c.env.sql, actor)}) me`;
  return me ?? refuseMember(c, actor);
}
