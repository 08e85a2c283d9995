import { type SQL, sql } from 'drizzle-orm';
import type { ClaimState } from '../../db/schema/claims.ts';
import { authority, refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { holding } from '../unions/office.ts';
import { nameOf } from './claimants.ts';
import { atDoor } from './organiser.ts';

/** One claim at the door. */
export type DoorClaim = {
  id: string;
  /** The name as far as it may be seen here: a merchant's and another union's members are masked. */
  name: string;
  /** The end of the claim's id, to tell two of one name apart, as the member's own screen says it. */
  code: string;
  quantity: number;
  used: number;
  state: ClaimState;
  /** Since when he, or the first of them, is in. ISO 8601. */
  inAt: string | null;
  canAttend: boolean;
  canUndo: boolean;
};

/** A session and whom to expect at its door. Instants are ISO 8601. */
export type DoorSession = {
  id: number;
  titleZh: string;
  titleEn: string;
  placeZh: string;
  placeEn: string;
  startsAt: string | null;
  endsAt: string | null;
  /** From when members are checked in. */
  doorAt: string | null;
  cancelReason: string | null;
  benefit: { id: number; titleZh: string; titleEn: string };
  cap: number;
  /** Units that are claimed, and those of them that are in. */
  expected: number;
  in: number;
  /** How many may be let in without a claim now; null where none may. */
  walkIns: number | null;
  /** The card is redeemed at a partner's, which is how attendance is recorded. */
  isAtPartner: boolean;
  claims: DoorClaim[];
};

const claimsMax = 2000;

/** That, of the rows `s`, `b` and `t`; `name` is what may be seen of the member `m`. */
const doorSession = (name: SQL, isOrganiser: boolean): SQL => sql`jsonb_build_object(
  'id', s.id, 'titleZh', s.title_zh, 'titleEn', s.title_en,
  'placeZh', coalesce(o.name_zh, s.place_zh), 'placeEn', coalesce(o.name_en, s.place_en),
  'startsAt', iso(s.starts_at), 'endsAt', iso(s.ends_at),
  'doorAt', iso(s.starts_at - make_interval(mins => t.door_minutes)), 'cancelReason', s.cancel_reason,
  'benefit', jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en),
  'cap', s.cap, 'expected', sums.expected, 'in', sums.inside,
  'walkIns', walk_ins_left(s, t, clock()),
  'isAtPartner', s.outlet_id is not null or coalesce(s.price_fen, b.price_fen) > 0,
  'claims', listed.claims)
  from benefit b
  join claim_terms t on t.benefit_id = b.id
  left join outlet o on o.id = s.outlet_id
  cross join lateral (
    select coalesce(sum(c.quantity), 0) as expected, coalesce(sum(c.used), 0) as inside
    from claim c where c.session_id = s.id and c.state in ('confirmed', 'used', 'no_show')
  ) sums
  cross join lateral (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', c.id, 'name', ${name}, 'code', upper(right(c.id::text, 4)), 'quantity', c.quantity,
      'used', c.used, 'state', c.state, 'inAt', iso(coalesce(c.attended_at, came.at)),
      'canAttend', ${isOrganiser} and c.state = 'confirmed'
        and attendance_refusal(c, s, b, t, clock()) is null,
      'canUndo', ${isOrganiser} and c.attended_at is not null
        and (finished_at(s) > clock()) is not false
    ) order by m.name collate "C", c.id), '[]') as claims
    from (
      select * from claim c
      where c.session_id = s.id and c.state in ('confirmed', 'used', 'no_show')
      order by c.turn
      limit ${claimsMax}
    ) c
    join member m on m.cell = c.cell and m.id = c.member_id
    join trade_union e on e.id = c.union_id
    left join lateral (
      select min(r.at) as at from redemption r
      where r.cell = c.cell and r.member_id = c.member_id and r.claim_id = c.id
        and r.reversed_at is null
    ) came on c.used > 0 and c.attended_at is null
  ) listed
  where b.id = s.benefit_id`;

/** A partner's sessions of a day at an outlet, for those who scan there. `on`: today, unless said. */
export async function listDoor(
  c: Ctx,
  outlet: number,
  on: string | undefined,
): Promise<{ on: string; sessions: DoorSession[] }> {
  const [found] = await c.env.db.execute<{ on: string; sessions: DoorSession[] }>(sql`
    with mine as materialized (
      select from ${authority(signedIn(c))}
      where role in ('operator', 'manager') and ${outlet}::int = any (outlet_ids)
      limit 1
    ),
    day as materialized (select coalesce(${on ?? null}::date, local_day(clock())) as day from mine)
    select day.day::text as on, coalesce((
      select jsonb_agg((select ${doorSession(sql`masked_name(m.name)`, false)})
        order by s.starts_at, s.id)
      from session s
      where s.outlet_id = ${outlet} and s.starts_at >= day_begin(day.day)
        and s.starts_at < day_begin(day.day + 1)
    ), '[]') as sessions
    from day`);
  return found ?? refuse(c);
}

/** One session, for who organises it; of members whose records he keeps with their names. */
export async function showDoor(c: Ctx, session: number): Promise<DoorSession> {
  const [found] = await c.env.db.execute<{ door: DoorSession }>(sql`
    with keeper as materialized (${holding(signedIn(c), 'members')})
    select (select ${doorSession(nameOf, true)}) as door
    from session s join benefit b on b.id = s.benefit_id
    where s.id = ${session} and ${atDoor(c)}`);
  return found?.door ?? refuse(c);
}
