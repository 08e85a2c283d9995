import { sql } from 'drizzle-orm';
import { refuse } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { isKept, keeping } from './keeping.ts';
import { maskedPhone } from './search.ts';

export type MemberView = {
  id: number;
  name: string;
  phone: string | null;
  hasIdNumber: boolean;
  bornOn: string | null;
  tags: string[];
  familySize: number;
  hasAccount: boolean;
  /** Those in the caller's unions, the newest first. */
  affiliations: { unit: Named; startedAt: Date; endedAt: Date | null; endReason: string | null }[];
  isMember: boolean;
};

/** One member whose last affiliation is in the caller's unions. */
export async function showMember(c: Ctx, id: number): Promise<MemberView> {
  const [row] = await c.env.db.execute<
    Omit<MemberView, 'phone'> & { cipher: Uint8Array | null }
  >(sql`
    with office as materialized (${keeping(c)})
    select m.id, m.name, m.phone_cipher as cipher, m.id_cipher is not null as "hasIdNumber",
      m.born_on as "bornOn", m.tags, m.family_size as "familySize", m.user_id is not null as "hasAccount",
      a.ended_at is null as "isMember",
      (
        select jsonb_agg(jsonb_build_object(
          'unit', ${named('e')}, 'startedAt', f.started_at, 'endedAt', f.ended_at, 'endReason', f.end_reason
        ) order by f.started_at desc)
        from affiliation f join trade_union e on e.id = f.union_id
        where f.cell = m.cell and f.member_id = m.id and ${isKept('e')}
      ) as affiliations
    from member m
    join affiliation a on a.cell = m.cell and a.member_id = m.id and a.started_at = (
      select max(f.started_at) from affiliation f where f.cell = m.cell and f.member_id = m.id)
    join trade_union t on t.id = a.union_id
    where m.cell = (${id}::bigint & 63) and m.id = ${id}::bigint and ${isKept('t')}`);
  if (!row) return refuse(c);
  const { cipher, ...member } = row;
  return { ...member, phone: await maskedPhone(c, cipher) };
}
