import { redeemItems } from '../../api/redemptions/queries.ts';
import type { Sql } from '../../db/client.ts';
import type { ClaimState } from '../../db/schema/claims.ts';
import type { Holder, Passes, Till } from './till.ts';

export const sessionCount = 20;
export const placesEach = 50;
export const places = sessionCount * placesEach;
export const entrySeconds = 3;

const batchSize = 50;
/** Of each session's places one is of somebody who does not come. */
const missing = 1;

export type Drop = { benefit: number; sessions: number[] };

/** A film drop: twenty sessions tomorrow, without a place until their one wave, all places in one pool, and a wait list. */
export async function announce(sql: Sql, { outlet, partner }: Till): Promise<Drop> {
  const [row] = await sql<{ benefit: number }[]>`
    with b as (
      insert into benefit (union_id, kind, title_zh, title_en, summary_zh, summary_en, price_fen,
        face_value_fen, starts_at, ends_at, limit_count, limit_period, claim_kind)
      select id, 'cinema', '抢票', 'A drop', '', '', 100, 100, clock() - interval '1 day',
        clock() + interval '3 days', 1, 'month', 'drop'
      from trade_union where level = 1 returning id, union_id
    ), admitted as (
      insert into benefit_partner (benefit_id, partner_id) select id, ${partner} from b
    ), pool as (
      insert into allocation (benefit_id, union_id, cap) select id, union_id, ${places} from b
    ), terms as (
      insert into claim_terms (benefit_id, opens_at, closes_at, no_show_weight)
      select id, clock() - interval '1 day', clock() + interval '1 day', 1 from b
    )
    select id as benefit from b`;
  const benefit = row?.benefit ?? 0;
  const sessions = await sql<{ id: number }[]>`
    insert into session (benefit_id, title_zh, title_en, outlet_id, starts_at, ends_at, cap)
    select ${benefit}, '第' || n || '场', 'Session ' || n, ${outlet},
      clock() + interval '1 day', clock() + interval '26 hours', 0
    from generate_series(1, ${sessionCount}::int) n
    returning id`;
  return { benefit, sessions: sessions.map(({ id }) => id) };
}

/** Lets all places go at once in a moment, and answers when that moment has come. */
export async function open(sql: Sql, { benefit, sessions }: Drop): Promise<void> {
  await sql`
    with w as (
      insert into wave (benefit_id, opens_at, entry_seconds)
      values (${benefit}, clock() + interval '200 milliseconds', ${entrySeconds}) returning id
    )
    insert into wave_units (wave_id, session_id, units)
    select w.id, s, ${placesEach} from w, unnest(${sessions}::int[]) s`;
  await sql`
    select pg_sleep(extract(epoch from opens_at - clock()))
    from wave where benefit_id = ${benefit}`;
}

export async function statesOf(sql: Sql, { benefit }: Drop): Promise<Map<ClaimState, number>> {
  const rows = await sql<{ state: ClaimState; count: number }[]>`
    select state, count(*)::int as count from claim where benefit_id = ${benefit} group by state`;
  return new Map(rows.map(({ state, count }) => [state, count]));
}

/** What is not as it must be after a drop that more wanted than could have it; nothing when all is well. */
export async function faultsOf(sql: Sql, { benefit }: Drop): Promise<string[]> {
  const [found] = await sql<{ faults: string[] }[]>`
    select array_remove(array[
      case when (select sum(cap) from session where benefit_id = ${benefit}) <> ${places}
        then 'the sessions have not the places that were let go' end,
      case when exists (
        select from session where benefit_id = ${benefit} and (cap, taken) <> (${placesEach}, ${placesEach})
      ) then 'a session is not exactly full' end,
      case when (select sum(claimed) from allocation where benefit_id = ${benefit}) <> ${places}
        then 'the pool does not count its claims' end,
      case when (
        select count(*) from claim where benefit_id = ${benefit} and state = 'confirmed'
      ) <> ${places} then 'the places are not confirmed' end,
      case when exists (
        select from claim where benefit_id = ${benefit}
        group by cell, member_id having count(*) > 1
      ) then 'a member has two' end,
      case when exists (
        select from claim where benefit_id = ${benefit} and state not in ('confirmed', 'waiting')
      ) then 'somebody hears nothing' end
    ], null) as faults`;
  return found?.faults ?? ['nothing was found'];
}

/**
 * The day has come: who won redeems his ticket, but for one a session, and two hours after the end housekeeping says what
 * became of each claim. Only the sessions' times are moved, so that nobody has to wait for tomorrow.
 */
export async function play(sql: Sql, drop: Drop, till: Till, passes: Passes): Promise<void> {
  await sql`
    update session set starts_at = clock() - interval '5 minutes', ends_at = clock() + interval '1 hour'
    where benefit_id = ${drop.benefit}`;
  const came = await sql<Holder[]>`
    select w.cell, w.member_id as member, k.number as card
    from (
      select c.*, row_number() over (partition by c.session_id order by c.turn) as seat
      from claim c where c.benefit_id = ${drop.benefit} and c.state = 'confirmed'
    ) w
    join card k on k.cell = w.cell and k.member_id = w.member_id and k.status = 'live'
      and k.kind = 'phone'
    where w.seat > ${missing}`;
  for (let done = 0; done < came.length; done += batchSize) {
    const items = await passes.itemsOf(came.slice(done, done + batchSize), till, drop.benefit);
    const outcomes = await redeemItems(sql, items);
    const refused = outcomes.find(({ outcome }) => outcome !== 'accepted');
    if (refused) throw new Error(`A winner was answered ${refused.outcome}.`);
  }
  await sql`
    update session set starts_at = starts_at - interval '1 day', ends_at = ends_at - interval '1 day'
    where benefit_id = ${drop.benefit}`;
  for (let rows = 1; rows > 0;) {
    const [row] = await sql<{ rows: number }[]>`select finish_sessions() as rows`;
    rows = row?.rows ?? 0;
  }
}

/** What is not final, or not what it must be, when all is over. */
export async function loose(sql: Sql, drop: Drop): Promise<string[]> {
  const states = await statesOf(sql, drop);
  const wanted = new Map<ClaimState, number>([
    ['used', places - missing * sessionCount],
    ['no_show', missing * sessionCount],
  ]);
  const others = [...states.keys()].filter((state) => !wanted.has(state) && state !== 'lapsed');
  const wrong = [...wanted].filter(([state, count]) => states.get(state) !== count);
  return [
    ...others.map((state) => `some are ${state} for ever`),
    ...wrong.map(([state, count]) => `${states.get(state) ?? 0} are ${state}, not ${count}`),
  ];
}
