import type { Sql } from '../../db/client.ts';
import type { Actor } from '../caller.ts';
import { type OwnRedemption, ownRedemption } from '../redemptions/own.ts';

type Place = { nameZh: string; nameEn: string };

export type Stored = {
  id: number;
  name: string;
  phoneCipher: string | null;
  idCipher: string | null;
  bornOn: string | null;
  familySize: number;
  tags: string[];
  createdAt: string;
  affiliations: {
    union: Place;
    startedAt: string;
    endedAt: string | null;
    endReason: string | null;
  }[];
  cards: {
    kind: 'phone' | 'printed' | 'proxy';
    status: 'live' | 'replaced' | 'lost' | 'blocked';
    phoneLabel: string;
    enrolledAt: string;
    expiresAt: string | null;
    endedAt: string | null;
  }[];
  proxies: {
    kind: 'family' | 'clerk';
    label: string;
    startedAt: string;
    acceptedAt: string | null;
    endsAt: string | null;
    endedAt: string | null;
  }[];
  redemptions: OwnRedemption[];
  sessions: { createdAt: string; expiresAt: string; browser: string | null }[];
  /** What officers did about him, as far as the audit names it. */
  deeds: { at: string; action: string; union: Place; reason: string | null }[];
};

/** The person of the caller, also after he has left: as `with me as materialized (…)`. */
const personOf = (sql: Sql, { userId, sessionAt }: Actor) => sql`
  select m.* from auth_user u join member m on m.user_id = u.id
  where u.id = ${userId}
    and session_counts(u, ${sessionAt}::timestamptz)`;

const place = (sql: Sql) => sql`jsonb_build_object('nameZh', t.name_zh, 'nameEn', t.name_en)`;

/** Everything that is stored about the caller as a member; undefined for who is none. */
export async function readOwnData(sql: Sql, actor: Actor): Promise<Stored | undefined> {
  const [found] = await sql<Stored[]>`
    with me as materialized (${personOf(sql, actor)})
    select me.id, me.name, encode(me.phone_cipher, 'hex') as "phoneCipher",
      encode(me.id_cipher, 'hex') as "idCipher", me.born_on as "bornOn",
      me.family_size as "familySize", to_jsonb(me.tags) as tags, iso(me.created_at) as "createdAt",
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'union', ${place(sql)}, 'startedAt', iso(a.started_at), 'endedAt', iso(a.ended_at),
          'endReason', a.end_reason) order by a.started_at)
        from affiliation a join trade_union t on t.id = a.union_id
        where a.cell = me.cell and a.member_id = me.id), '[]') as affiliations,
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'kind', c.kind, 'status', c.status, 'phoneLabel', c.phone_label,
          'enrolledAt', iso(c.enrolled_at), 'expiresAt', iso(c.expires_at),
          'endedAt', iso(c.ended_at)) order by c.enrolled_at)
        from card c where c.cell = me.cell and c.member_id = me.id), '[]') as cards,
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'kind', p.kind, 'label', p.label, 'startedAt', iso(p.started_at),
          'acceptedAt', iso(p.accepted_at), 'endsAt', iso(p.ends_at), 'endedAt', iso(p.ended_at))
          order by p.id)
        from proxy p where p.cell = me.cell and p.member_id = me.id), '[]') as proxies,
      coalesce((
        select jsonb_agg(${ownRedemption(sql)} order by r.booked_at desc, r.id desc)
        from redemption r where r.cell = me.cell and r.member_id = me.id), '[]') as redemptions,
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'createdAt', iso(s.created_at), 'expiresAt', iso(s.expires_at), 'browser', s.user_agent)
          order by s.created_at desc)
        from auth_session s where s.user_id = me.user_id), '[]') as sessions,
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'at', iso(e.at), 'action', e.action, 'union', ${place(sql)}, 'reason', e.reason)
          order by e.at desc)
        from audit_entry e join trade_union t on t.id = e.union_id
        where (e.subject = 'member' and e.subject_id = me.id::text)
          or (e.subject = 'redemption' and e.subject_id in (
            select r.id::text from redemption r where r.cell = me.cell and r.member_id = me.id
          ))), '[]') as deeds
    from me`;
  return found;
}

/** The caller as who may have it all deleted, with the union that is told. */
export async function readPerson(
  sql: Sql,
  actor: Actor,
): Promise<{ cell: number; id: number; name: string; unionId: number } | undefined> {
  const [found] = await sql<{ cell: number; id: number; name: string; unionId: number }[]>`
    with me as materialized (${personOf(sql, actor)})
    select me.cell, me.id, me.name, (
      select a.union_id from affiliation a where a.cell = me.cell and a.member_id = me.id
      order by a.started_at desc limit 1) as "unionId"
    from me`;
  return found;
}
