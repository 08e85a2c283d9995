// Risk: what is counted by day differs from what was booked: twice, not at all, on another day, or because somebody was
// still writing.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rollUp } from '../../api/insights/roll-up.ts';
import type { Sql, Transaction } from '../../db/client.ts';
import { buildCity, type City, idIn, type Member } from '../support/city.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';
import { rolled } from '../support/rolled.ts';
import { without } from '../support/vary.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
const start = '2026-10-30T15:00:30Z';

const seed = Number(process.env['TONGKA_SEED'] ?? 20261123);

type Step =
  | { kind: 'redeem'; member: number; benefit: number; quantity: number; isFree: boolean }
  | { kind: 'reverse' | 'adjust'; use: number }
  | { kind: 'wait'; minutes: number }
  | { kind: 'roll' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('redeem' as const),
      member: fc.nat({ max: 1 }),
      benefit: fc.nat({ max: 1 }),
      quantity: fc.integer({ min: 1, max: 3 }),
      isFree: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('reverse' as const, 'adjust' as const),
      use: fc.nat({ max: 20 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      minutes: fc.constantFrom(1, 3, 45, 550, 1440, 2000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('roll' as const) }) },
);

type Ground = { members: Member[]; benefits: number[]; officer: string };

/** New people and benefits, at the same instant again, where nobody booked anything yet. */
async function ground(): Promise<Ground> {
  await sql.begin(async (tx) => {
    await tx`set local session_replication_role = replica`;
    await tx`truncate use_day, borne_day, roll_up, outlet_pattern, take_up, redemption cascade`;
  });
  await setClock(sql, start);
  const { root, home, host, hostEnterprise } = city.unions;
  const members = [await city.addMember(), await city.addMember({ enterprise: hostEnterprise })];
  const some = { limit: [1000, 'total'] as [number, 'total'], quantityMax: 3 };
  const benefits = [
    await city.addBenefit({ ...some, pools: { [home]: 2, shared: 1000 } }),
    await city.addBenefit({ ...some, union: host }),
  ];
  const { userId } = await city.addOfficer(root);
  return { members, benefits, officer: userId };
}

async function take(
  on: Sql | Transaction,
  { members, benefits }: Ground,
  asked: Step & { kind: 'redeem' },
) {
  const member = members[asked.member];
  if (!member) throw new Error('There is no such member.');
  const [now] = await on<{ at: Date }[]>`select clock() as at`;
  const item = {
    ...city.item(member, benefits[asked.benefit] ?? 0, now?.at),
    quantity: asked.quantity,
    outlet: asked.isFree ? city.homeOutlet.id : city.outlet.id,
  };
  const [answer] = await on<{ outcome: string }[]>`
    select outcome from redeem(${sql.json([item])})`;
  expect(answer?.outcome).toBe('accepted');
  return { id: item.id, cell: member.cell };
}

/** What a correction after the close books: the first leg of a use once more, or back. */
const adjust = (id: string, cell: number, isMore: boolean) => sql`
  insert into transfer (cell, redemption_id, kind, leg, payer_id, payee_id, creditor_id, amount_fen, at)
  select cell, redemption_id, 'adjustment', 1 + coalesce((
      select max(leg) from transfer a
      where a.cell = t.cell and a.redemption_id = t.redemption_id and a.kind = 'adjustment'), 0),
    case when ${isMore} then payer_id else payee_id end,
    case when ${isMore} then payee_id else payer_id end, creditor_id, 123, clock()
  from transfer t
  where cell = ${cell} and redemption_id = ${id} and kind = 'redemption' and leg = 1`;

async function play(steps: Step[]): Promise<void> {
  const at = await ground();
  const uses: { id: string; cell: number }[] = [];
  for (const one of steps) {
    const use = 'use' in one ? uses[one.use % Math.max(1, uses.length)] : undefined;
    if (one.kind === 'redeem') uses.push(await take(sql, at, one));
    if (one.kind === 'wait') await moveClock(sql, `${one.minutes} minutes`);
    if (one.kind === 'roll') await rollUp(sql);
    if (one.kind === 'adjust' && use) await adjust(use.id, use.cell, uses.length % 2 === 0);
    if (one.kind === 'reverse' && use) {
      const [asked] = await sql<{ at: string }[]>`select clock()::text as at`;
      const undoing = {
        ...{ id: idIn(use.cell), redemptionId: use.id, reason: '试', user: at.officer },
        ...{ sessionAt: asked?.at ?? '', secondFactorAt: asked?.at ?? '' },
      };
      await sql`select reverse_redemption(${sql.json(undoing)})`;
    }
  }
  await agrees(city);
}

/** The roll-up with its tail against plain sums over the tables themselves, for whole days and for any two instants. */
async function agrees({ unions }: City): Promise<void> {
  const [figures] = await sql`
    select
      (select jsonb_agg(to_jsonb(x) order by x) from (
        select day, owner_id, home_id, host_id, sum(redemptions)::int as uses,
          sum(quantity)::int as units, sum(paid_fen)::int as fen
        from uses_of_days('2026-10-01', '2026-12-31') group by 1, 2, 3, 4
        having sum(abs(redemptions)) + sum(abs(paid_fen)) > 0
          and (sum(redemptions), sum(quantity), sum(paid_fen)) <> (0, 0, 0)) x) as counted,
      (select jsonb_agg(to_jsonb(x) order by x) from (
        select (e.at at time zone 'Asia/Shanghai')::date as day, a.union_id as owner_id,
          e.home_id, o.district_id as host_id, sum(e.uses)::int as uses,
          sum(e.units)::int as units, sum(e.fen)::int as fen
        from (
          select r.*, coalesce(u.district_id, p.district_id) as home_id
          from redemption r
          join allocation p on p.id = r.allocation_id
          left join trade_union u on u.id = r.union_id
        ) r
        join allocation a on a.id = r.allocation_id
        join outlet o on o.id = r.outlet_id
        cross join lateral (
          select r.booked_at as at, 1 as uses, r.quantity::int as units, 0 as fen, r.home_id
          union all
          select r.reversed_at, -1, -r.quantity, 0, r.home_id where r.reversed_at is not null
          union all
          select t.at, 0, 0, t.amount_fen * case
            when exists (select from account x where x.id = t.payee_id and x.kind = 'payable') then 1
            else -1 end, r.home_id
          from transfer t where t.cell = r.cell and t.redemption_id = r.id
        ) e
        where e.at >= ${start}
        group by 1, 2, 3, 4
        having (sum(e.uses), sum(e.units), sum(e.fen)) <> (0, 0, 0)) x) as booked`;
  expect(figures?.['counted']).toEqual(figures?.['booked']);
  const spans = await sql<{ rolled: string; plain: string }[]>`
    with point as (
      select at::timestamptz from (values ('-infinity'), ('infinity'), ('2026-11-01 00:00+08'),
        ('2026-10-31 09:00+08'), ('2026-11-02 00:00+08'), ('2026-11-02 13:37+08')) v (at)
      union all select rolled_through() union all select clock())
    select borne_fen(u.id, f.at, t.at) as rolled, coalesce((
        select sum(case when x.payer_id = a.id then x.amount_fen else -x.amount_fen end)
        from transfer x join account a on a.id in (x.payer_id, x.payee_id) and a.union_id = u.id
        where x.at >= f.at and x.at < t.at and x.at >= ${start}), 0)::bigint as plain
    from unnest(${[unions.root, unions.host]}::int[]) u (id), point f, point t`;
  expect(spans.filter(({ rolled, plain }) => rolled !== plain)).toEqual([]);
}

test(
  'any history is counted as it was booked, wherever the roll-up stands',
  { timeout: 120_000 },
  async () => {
    const steps = fc.array(step, { minLength: 5, maxLength: 30, size: 'max' });
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        await play(history);
      }),
      { seed, numRuns: 25 },
    );
  },
);

const oneUse = { kind: 'redeem', member: 0, benefit: 0, quantity: 1, isFree: false } as const;

/** Somebody books, and has not committed when the roll-up comes by twice, long after. */
async function bookSlowly(): Promise<void> {
  const at = await ground();
  await take(sql, at, oneUse);
  await moveClock(sql, '1 minute');
  await sql.begin(async (slow) => {
    await take(slow, at, oneUse);
    await moveClock(sql, '30 minutes');
    await rollUp(sql);
    await take(sql, at, { ...oneUse, member: 1, benefit: 1 });
    await rollUp(sql);
  });
  await moveClock(sql, '30 minutes');
  await rolled(sql);
}

const counted = async () => {
  const [row] = await sql<{ uses: number; isRolled: boolean }[]>`
    select (select sum(redemptions)::int from uses_of_days('2026-10-01', '2026-12-31')) as uses,
      rolled_through() > clock() - interval '5 minutes' as "isRolled"`;
  return row;
};

test('who is still writing is waited for, and not forgotten', async () => {
  await bookSlowly();
  expect(await counted()).toEqual({ uses: 3, isRolled: true });
});

test('negative control: without waiting, what is committed late is lost', async () => {
  const guard = 'pg_snapshot_xmin(pg_current_snapshot()) >= state.seen';
  await without(sql, 'roll_up_step', [[guard, 'true']], bookSlowly);
  expect(await counted()).toEqual({ uses: 2, isRolled: true });
});
