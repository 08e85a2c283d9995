import type { Sql } from '../../db/client.ts';
import { type Say, withBareTables } from './bare-tables.ts';

export type Size = { members: number; redemptions: number };

/** The members that most benches do with. */
export const crowdSize = 50_000;

/** What a crowd can use: as many benefits, open to all, with places in every district. */
const benefitCount = 8;
const usesAtOnce = 500_000;
const membersPerEnterprise = 400;
const pastDays = 150;
const crowded = ['auth_user', 'member', 'affiliation', 'card', 'redemption', 'transfer'];

/** People enough that nobody comes more often in a minute than others do in a year; once a ground. */
export async function fillCity(sql: Sql): Promise<void> {
  const [row] = await sql<{ isFull: boolean }[]>`
    select to_regnamespace('crowd') is not null as "isFull"`;
  if (row?.isFull === true) return;
  await gatherCrowd(sql, { members: crowdSize, redemptions: 0 });
  await sql`delete from benefit_partner where benefit_id in (select benefit_id from crowd.pool)`;
  await sql`vacuum analyze`;
}

/**
 * Brings a city to a size, in the database itself: members with a card and a sign-in each, and their past of 150 days,
 * oldest first as life writes it, spread evenly over members, benefits and outlets. `crowd.holder(n)` names member n.
 */
export async function gatherCrowd(
  sql: Sql,
  { members, redemptions }: Size,
  say: Say = () => {},
): Promise<void> {
  await prepare(sql, members);
  await withBareTables(sql, crowded, say, async () => {
    await addMembers(sql, members);
    say(`${members.toLocaleString('en')} members`);
    for (let done = 0; done < redemptions; done += usesAtOnce) {
      const start = performance.now();
      const next = Math.min(redemptions, done + usesAtOnce);
      await addUses(sql, { members, redemptions }, done, next);
      const seconds = (performance.now() - start) / 1000;
      say(`${next.toLocaleString('en')} redemptions, the last in ${seconds.toFixed(1)} s`);
    }
  });
  await sql`
    update allocation a set used = booked.units
    from (
      select allocation_id, sum(quantity) as units from redemption
      where reversed_at is null group by allocation_id
    ) booked
    where a.id = booked.allocation_id`;
}

/** Everything about member n follows from n, so that nothing has to be looked up. Odd factors keep numbers apart. */
async function prepare(sql: Sql, members: number): Promise<void> {
  await sql.unsafe(`
    create schema crowd;
    create function crowd.holder(n bigint)
    returns table (cell smallint, member bigint, card bigint, name text, employer bigint)
    language sql immutable as $$
      select (n & 63)::smallint,
        ((n * 30064771073 & 70368744177663) << 6) | (n & 63),
        ((n & 63) << 34) | (n * 5368709121 & 17179869183),
        encode(sha256(int8send(n)), 'hex'),
        n / ${membersPerEnterprise}
    $$`);
  await sql`
    insert into trade_union (parent_id, kind, level, name_zh, name_en)
    select branch.id, 'enterprise', 4, '第' || n || '公司工会', 'Company ' || n || ' Union'
    from generate_series(0, ${Math.ceil(members / membersPerEnterprise) - 1}::int) n
    join (
      select id, row_number() over (order by id) - 1 as place, count(*) over () as places
      from trade_union where level = 3
    ) branch on branch.place = n % branch.places
    order by n`;
  await sql`
    create table crowd.employer as
    select row_number() over (order by id) - 1 as n, id as union_id, district_id
    from trade_union where name_en like 'Company % Union'`;
  await sql`
    with b as (
      insert into benefit (union_id, kind, title_zh, title_en, summary_zh, summary_en, price_fen,
        face_value_fen, starts_at, ends_at, limit_count, limit_period)
      select id, 'cinema', '人人可用 ' || n, 'For everybody ' || n, '', '', 100, 100,
        clock() - interval '1 year', clock() + interval '1 year', 10000, 'month'
      from trade_union, generate_series(1, ${benefitCount}) n where level = 1
      returning id
    ), admitted as (
      insert into benefit_partner (benefit_id, partner_id) select b.id, p.id from b, partner p
    ), pool as (
      insert into allocation (benefit_id, district_id, union_id, cap)
      select b.id, d.id, d.id, 1000000000 from b, trade_union d where d.level = 2
      returning id, benefit_id, district_id, union_id
    )
    select * into crowd.pool from (
      select p.id, p.benefit_id, p.district_id, payer.id as payer_id,
        dense_rank() over (order by p.benefit_id) - 1 as n
      from pool p join account payer on payer.union_id = p.union_id and payer.kind = 'budget'
    ) numbered`;
  await sql`
    create table crowd.place as
    select row_number() over (order by t.id) - 1 as n, t.id as outlet_id,
      min(o.operator_id) as operator_id, payee.id as payee_id, p.union_id as creditor_id
    from outlet t
    join operator_outlet o on o.outlet_id = t.id
    join partner p on p.id = t.partner_id
    join account payee on payee.partner_id = t.partner_id and payee.kind = 'payable'
    group by t.id, payee.id, p.union_id`;
  await sql`analyze`;
}

async function addMembers(sql: Sql, members: number): Promise<void> {
  const all = sql`generate_series(0, ${members - 1}::bigint) n, crowd.holder(n) h`;
  await sql`
    insert into auth_user (id, name, email, phone_number, phone_number_verified, sessions_valid_from)
    select left(h.name, 32), '', h.name || '@m.invalid', h.name, true, clock() - interval '1 year'
    from ${all}`;
  await sql`
    insert into member (cell, id, user_id, name, phone_hash, phone_cipher, born_on)
    select h.cell, h.member, left(h.name, 32), '李小明', h.name, decode(h.name, 'hex'), '1990-06-15'
    from ${all}`;
  await sql`
    insert into affiliation (cell, member_id, union_id, started_at)
    select h.cell, h.member, e.union_id, clock() - interval '1 year'
    from ${all} join crowd.employer e on e.n = h.employer`;
  await sql`
    insert into card (cell, number, member_id, phone_hash, phone_label, enrolled_at)
    select h.cell, h.card, h.member, h.name, 'Android', clock() - interval '1 year' from ${all}`;
}

/** Uses first to end of all: a prime walks over the members, so that each has equally many and none is near the last. */
async function addUses(sql: Sql, size: Size, first: number, end: number): Promise<void> {
  await sql`
    with use as (
      select h.cell, h.member, h.card, e.district_id, u.lot,
        date_trunc('milliseconds', clock()) - interval '1 minute'
          - ${pastDays} * interval '1 day' * (1 - u.k::float8 / ${size.redemptions}) as at
      from (
        select k, hashint8extended(k, 1) as lot
        from generate_series(${first}::bigint, ${end - 1}::bigint) k
      ) u,
      crowd.holder(u.k * 2654435761 % ${size.members}) h
      join crowd.employer e on e.n = h.employer
    ),
    booked as (
      insert into redemption (cell, id, member_id, card_number, jti, benefit_id, outlet_id,
        operator_id, allocation_id, quantity, member_left, price_fen, at, booked_at)
      select w.cell,
        (
          lpad(to_hex((extract(epoch from w.at) * 1000)::bigint), 12, '0')
          || to_hex(28672 | (w.lot & 4095)) || to_hex(32768 | (w.lot >> 12 & 16383))
          || lpad(to_hex((hashint8extended(w.lot, 2) & 281474976710592) | w.cell), 12, '0')
        )::uuid,
        w.member, w.card, w.lot >> 8 & 1099511627775, pool.benefit_id, place.outlet_id,
        place.operator_id, pool.id, 1, 9000, 100, w.at, w.at + interval '5 seconds'
      from use w
      join crowd.pool pool
        on pool.district_id = w.district_id and pool.n = w.lot >> 56 & ${benefitCount - 1}
      join crowd.place place
        on place.n = (w.lot >> 40 & 65535) % (select count(*) from crowd.place)
      returning cell, id, allocation_id, outlet_id, price_fen, booked_at
    )
    insert into transfer (cell, redemption_id, kind, leg, payer_id, payee_id, creditor_id, amount_fen,
      at)
    select b.cell, b.id, 'redemption', 1, pool.payer_id, place.payee_id, place.creditor_id, b.price_fen,
      b.booked_at
    from booked b
    join crowd.pool pool on pool.id = b.allocation_id
    join crowd.place place on place.outlet_id = b.outlet_id`;
}
