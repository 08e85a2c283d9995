import type { Sql } from '../../db/client.ts';

/** A search without a result, of a user who stands here only to find his district. */
export type Searched = {
  user: string;
  word: string | null;
  kind: string | null;
  district: number | null;
  times: number;
};

export type Refused = {
  reason: string;
  benefit: number;
  outlet: number | null;
  user: string | null;
  times: number;
};

const wordsADay = 2000;

/**
 * Adds them to today's counts. Beyond so many words a day and district the word is left out. Rows are taken in the order
 * of their keys, so that two processes do not wait for each other in a circle.
 */
export async function addMisses(
  sql: Sql,
  searches: readonly Searched[],
  refusals: readonly Refused[],
): Promise<void> {
  await sql`
    with home as materialized (
      select m.user_id, u.district_id
      from member m
      join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
      join trade_union u on u.id = a.union_id
      where m.user_id in (
        select s."user" from jsonb_to_recordset(${sql.json([...searches, ...refusals])}) s ("user" text))
    ),
    today as materialized (select local_day(clock()) as day),
    searched as (
      insert into search_miss (day, home_id, word, district_id, kind, times)
      select today.day, h.district_id, w.word, d.id, s.kind, sum(s.times)
      from today
      cross join jsonb_to_recordset(${sql.json(searches)})
        s ("user" text, word text, kind text, district int, times int)
      join home h on h.user_id = s."user"
      left join trade_union d on d.id = s.district and d.level = 2
      cross join lateral (
        select case when (
          select count(*) from search_miss k where k.day = today.day and k.home_id = h.district_id
        ) < ${wordsADay} then s.word end as word
      ) w
      group by 1, 2, 3, 4, 5
      order by 1, 2, 3, 4, 5
      on conflict (day, home_id, coalesce(word, ''), coalesce(district_id, 0), coalesce(kind, ''))
        do update set times = search_miss.times + excluded.times
    )
    insert into refusal_day (day, benefit_id, district_id, place, reason, times)
    select today.day, b.id, coalesce(o.district_id, h.district_id),
      case when r.outlet is not null then 'counter' else 'catalogue' end, r.reason, sum(r.times)
    from today
    cross join jsonb_to_recordset(${sql.json(refusals)})
      r (reason text, benefit int, outlet int, "user" text, times int)
    join benefit b on b.id = r.benefit
    left join outlet o on o.id = r.outlet
    left join home h on h.user_id = r."user"
    where coalesce(o.district_id, h.district_id) is not null
    group by 1, 2, 3, 4, 5
    order by 1, 2, 3, 4, 5
    on conflict (day, benefit_id, district_id, place, reason)
      do update set times = refusal_day.times + excluded.times`;
}
