import { sql } from 'drizzle-orm';
import { refuse } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { isKept, keeping } from './keeping.ts';
import { openPhone } from './personal-data.ts';
import { hashOf, type Person } from './person.ts';

export type Place = { name: string; unionId: number; id: number };

export type MemberSearch = {
  name?: string | undefined;
  person?: Person | undefined;
  hasLeft?: boolean | undefined;
  after?: Place | undefined;
  limit: number;
};

export type MemberLine = {
  id: number;
  name: string;
  /** 138 **** 8000 */
  phone: string | null;
  unit: Named;
  startedAt: Date;
  endedAt: Date | null;
  endReason: string | null;
};

type Found = Omit<MemberLine, 'phone'> & { cipher: Uint8Array | null };

/**
 * Members of a union and all below it: by the beginning of a name, in the order of names; by a number exactly; or all,
 * unit by unit. A union's own people alone see them, and nobody else's.
 */
export async function searchMembers(
  c: Ctx,
  unionId: number,
  { name, person, hasLeft = false, after, limit }: MemberSearch,
): Promise<{ members: MemberLine[]; next: Place | null }> {
  const hash = person ? await hashOf(c, person) : { phone: null, id: null };
  const [scope] = await c.env.db.execute(sql`
    with office as materialized (${keeping(c)})
    select u.id from trade_union u where u.id = ${unionId} and ${isKept('u')}`);
  if (!scope) return refuse(c);
  const beginning = name === undefined ? null : `${name.replace(/[\\%_]/g, '\\$&')}%`;
  const order =
    name === undefined ? sql`a.union_id, a.member_id` : sql`m.name collate "C", a.member_id`;
  const later =
    after === undefined
      ? sql`true`
      : name === undefined
        ? sql`(a.union_id, a.member_id) > (${after.unionId}::int, ${after.id}::bigint)`
        : sql`(m.name collate "C", a.member_id) > (${after.name}::text, ${after.id}::bigint)`;
  const rows = await c.env.db.execute<Found>(sql`
    select m.id, m.name, m.phone_cipher as cipher, ${named('t')} as unit,
      a.started_at as "startedAt", a.ended_at as "endedAt", a.end_reason as "endReason"
    from affiliation a
    join trade_union t on t.id = a.union_id
    join member m on m.cell = a.cell and m.id = a.member_id
    where t.path @> array[${unionId}::int] and ${later}
      and (a.ended_at is not null) = ${hasLeft}
      and (not ${hasLeft} or a.started_at = (
        select max(f.started_at) from affiliation f where f.cell = a.cell and f.member_id = a.member_id))
      and ${beginning === null ? sql`true` : sql`m.name like ${beginning}`}
      and ${hash.phone === null ? sql`true` : sql`m.phone_hash = ${hash.phone}`}
      and ${hash.id === null ? sql`true` : sql`m.id_hash = ${hash.id}`}
    order by ${order} limit ${limit + 1}`);
  const members = await Promise.all(
    rows.slice(0, limit).map(async ({ cipher, ...row }) => ({
      ...row,
      phone: await maskedPhone(c, cipher),
    })),
  );
  const last = rows.length > limit ? members.at(-1) : undefined;
  return { members, next: last ? { name: last.name, unionId: last.unit.id, id: last.id } : null };
}

/** 138 **** 8000; null also where it was sealed under another secret, which must not hide everybody else. */
export async function maskedPhone(c: Ctx, cipher: Uint8Array | null): Promise<string | null> {
  if (cipher === null) return null;
  try {
    const e164 = await openPhone(c.env.config.secret, cipher);
    return e164.replace(/^\+86(\d{3})\d{4}(\d{4})$/, '$1 **** $2');
  } catch {
    return null;
  }
}
