import { sql } from 'drizzle-orm';
import type { ClaimState } from '../../db/schema/claims.ts';
import { refuse, signedIn } from '../authority.ts';
import { maySet } from '../benefits/terms-lock.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { holding, offices } from '../unions/office.ts';
import type { RoomForm } from './set.ts';

/** One use of a room, or the wish for one, as its owner sees it: the company by name, the member masked. Instants ISO 8601. */
export type Booking = {
  claim: string;
  state: ClaimState;
  startsAt: string;
  endsAt: string;
  people: number;
  purpose: string;
  company: Named;
  maskedName: string;
  madeAt: string;
  /** Whether it can be said now that somebody came, or that nobody did. */
  canAttend: boolean;
  canMiss: boolean;
};

export type RoomCalendar = {
  /** null as long as it is not shared. */
  room: Omit<RoomForm, 'reason' | 'version'> | null;
  version: number;
  /** With whom it can be shared: its own union, and those above it. */
  circles: (Named & { kind: string })[];
  weekdays: number[];
  opensMinute: number;
  closesMinute: number;
  canEdit: boolean;
  /** Monday, in Asia/Shanghai. */
  week: string;
  today: string;
  bookings: Booking[];
  /** All that is to come and asked for, the earliest first; a hundred at most. */
  requests: Booking[];
};

/** A room for those who run it, in the week that holds a day. */
export async function showRoomCalendar(
  c: Ctx,
  benefitId: number,
  from: string | undefined,
): Promise<RoomCalendar> {
  const actor = signedIn(c);
  const booking = sql`jsonb_build_object(
    'claim', k.id, 'state', k.state, 'startsAt', iso(s.starts_at), 'endsAt', iso(s.ends_at),
    'people', (k.answers ->> 'people')::int, 'purpose', coalesce(k.answers ->> 'purpose', ''),
    'company', ${named('e')}, 'maskedName', masked_name(m.name), 'madeAt', iso(k.made_at),
    'canAttend', said.may, 'canMiss', said.may and s.ends_at <= clock())`;
  const uses = sql`session s
    join claim k on k.session_id = s.id
    join trade_union e on e.id = k.union_id
    join member m on m.cell = k.cell and m.id = k.member_id
    cross join lateral (
      select k.state = 'confirmed' and attendance_refusal(k, s, b, t, clock()) is null
        and ${maySet(sql`table setter`)} as may
    ) said`;
  const [found] = await c.env.db.execute<RoomCalendar>(sql`
    with office as materialized (${offices(actor)}),
      setter as materialized (${holding(actor, 'terms')})
    select
      case when r.benefit_id is not null then jsonb_build_object(
        'placeZh', r.place_zh, 'placeEn', r.place_en, 'peopleMax', r.people_max,
        'minutesMin', r.minutes_min, 'minutesMax', r.minutes_max, 'minutesAWeek', r.minutes_a_week,
        'daysAhead', r.days_ahead, 'needsApproval', t.needs_approval,
        'cancelMinutes', t.cancel_minutes, 'lateCancelWeight', t.late_cancel_weight,
        'noShowWeight', t.no_show_weight,
        'sharedWith', coalesce((b.audience #>> '{unions,0}')::int, u.id)) end as room,
      coalesce(t.version, 0) as version,
      (select jsonb_agg(${named('x')} || jsonb_build_object('kind', x.kind) order by x.level desc)
        from trade_union x where x.id = any(u.path)) as circles,
      to_jsonb(b.weekdays) as weekdays, b.opens_minute as "opensMinute",
      b.closes_minute as "closesMinute", ${maySet(sql`table setter`)} as "canEdit",
      local_day(w.starts_at)::text as week, local_day(clock())::text as today,
      coalesce((
        select jsonb_agg(${booking} order by s.starts_at)
        from ${uses}
        where s.benefit_id = b.id and s.is_room and s.cancelled_at is null
          and s.starts_at < w.ends_at and s.ends_at > w.starts_at
      ), '[]') as bookings,
      coalesce((
        select jsonb_agg(q.booking order by q.starts_at) from (
          select ${booking} as booking, s.starts_at
          from ${uses}
          where s.benefit_id = b.id and s.is_room and k.state = 'asked' and s.starts_at > clock()
          order by s.starts_at limit 100
        ) q
      ), '[]') as requests
    from benefit b
    join trade_union u on u.id = b.union_id
    left join room r on r.benefit_id = b.id
    left join claim_terms t on t.benefit_id = b.id
    cross join lateral (select coalesce(day_begin(${from ?? null}::date), clock()) as at) d
    cross join lateral (
      select period_start('week', d.at) as starts_at, period_end('week', d.at) as ends_at
    ) w
    where b.id = ${benefitId} and exists (select from office o where o.union_id = any(u.path))`);
  return found ?? refuse(c);
}
