import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';
import type { HeldRole, OfficeRole } from '../../db/schema/roles.ts';

type Named = { id: number; nameZh: string; nameEn: string };
type Outlet = Named & { districtZh: string; districtEn: string };

/** What the screens need to know of the caller: who, as what, and whether a second factor is still to be given. */
export type Session = {
  user: { id: string } | null;
  member: { name: string; district: Named & { code: string }; union: Named } | null;
  posts: {
    operatorId: number;
    role: 'operator' | 'manager';
    partner: Named;
    outlets: Outlet[];
  }[];
  offices: { role: HeldRole; union: Named & { kind: string } }[];
  /** Offices that were offered to this phone and wait for an answer. */
  invitations: { id: number; role: OfficeRole; union: Named }[];
  secondFactor: 'none' | 'required' | 'enrolment_required' | 'passed';
  demo: boolean;
};

/** Offices are listed before the second factor is given, so that the console can ask for it; they count only after. */
export async function describeSession(c: Ctx): Promise<Session> {
  const { sql, config } = c.env;
  const nobody = { user: null, member: null, posts: [], offices: [], invitations: [] };
  const none: Session = { ...nobody, secondFactor: 'none', demo: config.demo };
  const { actor } = c.var;
  if (actor === null) return none;
  const [found] = await sql<Found[]>`
    with granted as materialized (
      -- As if the second factor had been given: an office is listed either way.
      select * from authority(${actor.userId}, ${actor.sessionAt}, ${actor.sessionAt})
    )
    select
      exists (select from second_factor s where s.user_id = u.id and s.confirmed_at is not null)
        as "isEnrolled",
      (select jsonb_build_object(
          'name', m.name,
          'district', jsonb_build_object('id', d.id, 'code', d.district_code, 'nameZh', d.name_zh, 'nameEn', d.name_en),
          'union', jsonb_build_object('id', t.id, 'nameZh', t.name_zh, 'nameEn', t.name_en))
        from granted g
        join member m on m.cell = g.cell and m.id = g.member_id
        join trade_union t on t.id = g.union_id
        join trade_union d on d.id = g.district_id
        where g.role = 'member') as member,
      (select coalesce(jsonb_agg(jsonb_build_object(
          'operatorId', g.operator_id,
          'role', g.role,
          'partner', jsonb_build_object('id', p.id, 'nameZh', p.name_zh, 'nameEn', p.name_en),
          'outlets', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'id', l.id, 'nameZh', l.name_zh, 'nameEn', l.name_en,
                'districtZh', d.name_zh, 'districtEn', d.name_en) order by l.id), '[]')
            from outlet l join trade_union d on d.id = l.district_id
            where l.id = any(g.outlet_ids) and l.closed_at is null)
          ) order by g.operator_id), '[]')
        from granted g join partner p on p.id = g.partner_id) as posts,
      (select coalesce(jsonb_agg(jsonb_build_object(
          'role', g.role,
          'union', jsonb_build_object('id', t.id, 'kind', t.kind, 'nameZh', t.name_zh, 'nameEn', t.name_en)
          ) order by t.level, t.id), '[]')
        from granted g join trade_union t on t.id = g.union_id
        where role_may(g.role, 'read')) as offices,
      (select coalesce(jsonb_agg(jsonb_build_object(
          'id', i.id,
          'role', i.role,
          'union', jsonb_build_object('id', t.id, 'nameZh', t.name_zh, 'nameEn', t.name_en)
          ) order by i.id), '[]')
        from invitation i join trade_union t on t.id = i.union_id
        where i.phone_hash = u.phone_number and i.state = 'open' and i.expires_at > clock()) as invitations
    from auth_user u
    where u.id = ${actor.userId}
      and session_counts(u, ${actor.sessionAt}::timestamptz)`;
  if (found === undefined) return none;
  const { member, posts, offices, invitations, isEnrolled } = found;
  return {
    user: { id: actor.userId },
    member,
    posts,
    offices,
    invitations,
    secondFactor: offices.length === 0 ? 'none' : secondFactorOf(actor, isEnrolled),
    demo: config.demo,
  };
}

type Found = Pick<Session, 'member' | 'posts' | 'offices' | 'invitations'> & {
  isEnrolled: boolean;
};

function secondFactorOf(actor: Actor, isEnrolled: boolean): Session['secondFactor'] {
  if (actor.secondFactorAt !== null) return 'passed';
  return isEnrolled ? 'required' : 'enrolment_required';
}
