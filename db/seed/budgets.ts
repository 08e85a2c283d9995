import type { Transaction } from '../client.ts';

const zibo = [
  { payer: 'city', parts: 1 },
  { payer: 'headquarters', parts: 2 },
];
const shared = [
  { payer: 'co_payment', amountFen: 1000 },
  { payer: 'discount', amountFen: 500 },
  { payer: 'city', parts: 1 },
  { payer: 'home', parts: 2 },
];

/**
 * Who pays, and from what: the premieres by the city and the district of the cinema's headquarters, one to two; a museum
 * by month, still in test, with a share of the member's and of the partner's, and places opened to everybody; and the
 * budgets of three years, which what is used and reserved explains: one nearly spent, one over its
 * first threshold, each with its alert.
 */
export async function inventBudgets(tx: Transaction): Promise<void> {
  await tx`
    update benefit set funding = ${tx.json(zibo)} where title_en = 'New Year premiere'`;
  await tx`
    update benefit_partner a set cap = 80 + 10 * (a.partner_id % 4)
    from benefit b where b.id = a.benefit_id and b.title_en = 'New Year premiere'`;
  await inventMuseum(tx);
  await tx`
    insert into budget (union_id, year, amount_fen)
    select u.id, y, 100000000000
    from trade_union u, generate_series(year_of(clock()) - 1, year_of(clock()) + 1) y
    where u.level <= 2 or exists (select from allocation a where a.union_id = u.id)
      or exists (select from benefit b where b.union_id = u.id)`;
  await tx`select reserve_benefit(b.id) from benefit b order by b.id`;
  await tx`
    with ranked as (
      select g.id, g.year, row_number() over (partition by g.year order by u.level, u.id) as place,
        s.used_fen + s.reserved_fen as bound_fen
      from budget g
      join trade_union u on u.id = g.union_id
      cross join lateral budget_states(array[g.id]) s)
    update budget g
    set amount_fen = (ceil(greatest(r.bound_fen * case r.place when 2 then 1.01 when 3 then 1.15 else 1.6 end,
      3000000) / 1000000.0) * 1000000)::bigint
    from ranked r where r.id = g.id`;
  await tx`select alert_budgets(0, 1)`;
}

async function inventMuseum(tx: Transaction): Promise<void> {
  await tx`
    with city as (
      select id from trade_union where parent_id is null
    ), b as (
      insert into benefit (union_id, kind, title_zh, title_en, summary_zh, summary_en, price_fen,
        face_value_fen, starts_at, ends_at, limit_count, limit_period, limit_family, stage, funding,
        quota_period)
      select id, 'park', '亲子博物馆', 'Museum for families', '每月一次，家人同行，会员自付十元。',
        'Once a month with the family; the member pays ten yuan.', 6000, 8000,
        period_start('month', clock()) - interval '2 months', period_start('month', clock()) + interval '6 months',
        1, 'month', true, 'test', ${tx.json(shared)}, 'month'
      from city
      returning id, union_id
    )
    insert into allocation (benefit_id, district_id, union_id, starts_at, cap)
    select b.id, d.id, coalesce(d.id, b.union_id), m.starts_at, case when d.id is null then 50 else 30 end
    from b
    cross join (values (period_start('month', clock())),
      (period_start('month', period_start('month', clock()) - interval '1 day'))) m (starts_at)
    cross join (
      select null::int as id union all
      (select u.id from trade_union u where u.level = 2 order by u.district_code limit 6)) d`;
  await tx`
    with moved as (
      select f.id as from_id, t.id as to_id
      from benefit b
      join allocation f on f.benefit_id = b.id and f.district_id is not null
      join allocation t on t.benefit_id = b.id and t.district_id is null and t.starts_at = f.starts_at
      where b.title_en = 'Museum for families' and f.starts_at = period_start('month', clock())
      order by f.id limit 1
    ), counted as (
      update allocation a set cap = a.cap + case when a.id = m.from_id then -10 else 10 end
      from moved m where a.id in (m.from_id, m.to_id)
    )
    insert into opening (from_id, to_id, units, returns_at, opened_at)
    select from_id, to_id, 10, clock() + interval '7 days', clock() - interval '1 day' from moved`;
  await tx`
    update allocation a set cap = a.cap + 5, topped = 5
    where a.id = (
      select max(x.id) from allocation x join benefit b on b.id = x.benefit_id
      where b.title_en = 'Museum for families' and x.district_id is not null)`;
}
