import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { memberOf } from '../members/me.ts';

/** A room as a member sees it in one week, from Monday. Who has it is nobody's business; instants are ISO 8601. */
export type RoomWeek = {
  serverTime: string;
  placeZh: string;
  placeEn: string;
  peopleMax: number;
  minutesMin: number;
  minutesMax: number;
  daysAhead: number;
  weekdays: number[];
  opensMinute: number;
  closesMinute: number;
  needsApproval: boolean;
  cancelMinutes: number;
  lateCancelWeight: number;
  noShowWeight: number;
  /** Monday, in Asia/Shanghai. */
  week: string;
  today: string;
  /** The last day that can be asked for. */
  lastDay: string;
  busy: { startsAt: string; endsAt: string; isOwn: boolean }[];
  /** What his company may have of it in this week, and has. */
  minutesAWeek: number;
  minutesUsed: number;
};

export async function showRoomWeek(
  c: Ctx,
  benefit: number,
  from: string | undefined,
): Promise<RoomWeek> {
  const { sql } = c.env;
  const actor = signedIn(c);
  const [found] = await sql<RoomWeek[]>`
    with me as materialized (${memberOf(sql, actor)})
    select iso(clock()) as "serverTime", r.place_zh as "placeZh", r.place_en as "placeEn",
      r.people_max as "peopleMax", r.minutes_min as "minutesMin", r.minutes_max as "minutesMax",
      r.days_ahead as "daysAhead", to_jsonb(b.weekdays) as weekdays, b.opens_minute as "opensMinute",
      b.closes_minute as "closesMinute", t.needs_approval as "needsApproval",
      t.cancel_minutes as "cancelMinutes", t.late_cancel_weight as "lateCancelWeight",
      t.no_show_weight as "noShowWeight", local_day(w.starts_at)::text as week,
      local_day(clock())::text as today,
      local_day(least(clock() + r.days_ahead * interval '1 day', b.ends_at - interval '1 second'))::text
        as "lastDay",
      coalesce((
        select jsonb_agg(jsonb_build_object('startsAt', iso(s.starts_at), 'endsAt', iso(s.ends_at),
          'isOwn', exists (
            select from claim k
            where k.session_id = s.id and k.cell = me.cell and k.member_id = me.member_id
          )) order by s.starts_at)
        from session s
        where s.benefit_id = b.id and s.is_room and s.cancelled_at is null
          and s.starts_at < w.ends_at and s.ends_at > w.starts_at
      ), '[]') as busy,
      r.minutes_a_week as "minutesAWeek",
      room_minutes(b.id, a.union_id, w.starts_at) as "minutesUsed"
    from me
    join affiliation a on a.cell = me.cell and a.member_id = me.member_id and a.ended_at is null
    join benefit b on b.id = ${benefit} and b.stage in ('published', 'ended') and b.claim_kind = 'room'
    join claim_terms t on t.benefit_id = b.id
    join room r on r.benefit_id = b.id
    cross join lateral (
      select coalesce(day_begin(${from ?? null}::date), clock()) as at
    ) d
    cross join lateral (
      select period_start('week', d.at) as starts_at, period_end('week', d.at) as ends_at
    ) w`;
  return found ?? refuse(c);
}
