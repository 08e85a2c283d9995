import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { officeRoles, type OfficeRole } from '../../db/schema/roles.ts';
import { holding, offices } from '../unions/office.ts';

export type OfficerView = {
  id: number;
  userId: string;
  name: string;
  role: OfficeRole;
  endsAt: string | null;
  /** Suspended, or over. */
  isOut: boolean;
  isMe: boolean;
  hasSecondFactor: boolean;
  /** Whom the office is lent to at this moment. */
  lentTo: { id: number; name: string; endsAt: string; canEnd: boolean }[];
};

export type InvitationView = {
  id: number;
  name: string;
  phoneEnd: string;
  role: OfficeRole;
  endsAt: string | null;
  expiresAt: string;
};

export type People = {
  officers: OfficerView[];
  /** Open ones; none are told to whom does not have charge of the union's people. */
  invitations: InvitationView[];
  canChange: boolean;
  /** The roles that the caller may name people for. */
  canName: OfficeRole[];
  twoPersonFen: number;
};

/** The people of one union of the caller's scope; those in office first, by role. */
export async function listPeople(c: Ctx, unionId: number): Promise<People> {
  const actor = signedIn(c);
  const [found] = await c.env.db.execute<Omit<People, 'canName'> & { isFromAbove: boolean }>(sql`
    with office as materialized (${offices(actor)}),
      charge as materialized (${holding(actor, 'people')}),
      asked as materialized (
        select u.id, u.two_person_fen,
          exists (select from charge o where o.union_id = any(u.path)) as can_change,
          u.level = 1 or exists (
            select from charge o where o.union_id = any(u.path) and o.union_id <> u.id) as is_from_above
        from trade_union u
        where u.id = ${unionId} and exists (select from office o where o.union_id = any(u.path)))
    select asked.can_change as "canChange", asked.is_from_above as "isFromAbove",
      asked.two_person_fen as "twoPersonFen",
      (select coalesce(jsonb_agg(jsonb_build_object(
          'id', f.id, 'userId', f.user_id, 'name', w.name, 'role', f.role, 'endsAt', iso(f.ends_at),
          'isOut', not f.is_in, 'isMe', f.user_id = ${actor.userId},
          'hasSecondFactor', exists (
            select from second_factor s where s.user_id = f.user_id and s.confirmed_at is not null),
          'lentTo', (
            select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'name', b.name,
              'endsAt', iso(d.ends_at),
              'canEnd', asked.can_change or ${actor.userId} in (f.user_id, d.user_id)) order by d.id), '[]')
            from delegation d join auth_user b on b.id = d.user_id
            where d.officer_id = f.id and d.ended_at is null and d.ends_at > clock() and f.is_in))
          order by not f.is_in, array_position(${sqlRoles}, f.role), f.id), '[]')
        from (
          select f.*,
            f.suspended_at is null and f.starts_at <= clock() and (f.ends_at > clock()) is not false as is_in
          from officer f where f.union_id = asked.id) f
          join auth_user w on w.id = f.user_id) as officers,
      (select coalesce(jsonb_agg(jsonb_build_object(
          'id', i.id, 'name', i.name, 'phoneEnd', i.phone_end, 'role', i.role,
          'endsAt', iso(i.ends_at), 'expiresAt', iso(i.expires_at)) order by i.id desc), '[]')
        from invitation i
        where i.union_id = asked.id and i.state = 'open' and i.expires_at > clock() and asked.can_change
      ) as invitations
    from asked`);
  if (!found) return refuse(c);
  const { isFromAbove, ...people } = found;
  const canName = officeRoles.filter((role) => role !== 'administrator' || isFromAbove);
  return { ...people, canName: people.canChange ? canName : [] };
}

const sqlRoles = sql.raw(`array['${officeRoles.join("', '")}']`);
