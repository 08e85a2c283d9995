import { sql } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import { requirePrizeChange } from '../claims/draw-fixed.ts';
import { Problem } from '../errors.ts';

/** What a pool is to be: its cap, and how many of it are a top-up that the pool's district alone pays. */
export type Places = { districtId: number | null; cap: number; topped: number };

export type PoolNow = Places & { id: number; used: number; unionId: number };

/** The most of one pool (`CHECK allocation_cap`). */
export const capMax = 1_000_000_000;

/** The first instant of a period of places: of a month, `2026-11`, or of the whole, null. */
export const startOf = (month: string | null) =>
  month === null
    ? sql`'-infinity'::timestamptz`
    : sql`(${`${month}-01`}::timestamp at time zone 'Asia/Shanghai')`;

/** The units of pool `a` that were used, through a lease or not. */
export const used = sql`a.used + a.leased - coalesce((
  select sum(l.units - l.used) from lease l where l.allocation_id = a.id and l.returned_at is null), 0)::int`;

/** The pools of a benefit in one period, in the order in which they are locked. */
export async function poolsIn(tx: Tx, benefitId: number, month: string | null): Promise<PoolNow[]> {
  const rows = await tx.execute<PoolNow>(sql`
    select a.id, a.district_id as "districtId", a.union_id as "unionId", a.cap, a.topped, ${used} as used
    from allocation a where a.benefit_id = ${benefitId} and a.starts_at = ${startOf(month)}
    order by a.district_id is null, a.id`);
  return [...rows];
}

/** A month without such places, or one that is closed, has nothing to give. */
export async function requirePeriod(
  tx: Tx,
  quotaPeriod: 'month' | 'total',
  month: string | null,
): Promise<void> {
  if ((quotaPeriod === 'month') !== (month !== null))
    throw new Problem('invalid_request', {
      fields: [{ field: 'month', message: `does not fit a quota by ${quotaPeriod}` }],
    });
  if (month === null) return;
  const begun = await tx.execute(sql`
    select from period where month = ${`${month}-01`}::date and state <> 'open'`);
  if (begun.length > 0) throw new Problem('period_closed');
}

export function requireCap(cap: number): void {
  if (cap > capMax)
    throw new Problem('invalid_request', {
      fields: [{ field: 'units', message: `makes more than ${capMax} places of the pool` }],
    });
}

/**
 * More places only in a month that a use can still be booked in: one of the benefit's own, and none before the oldest
 * that is open. Elsewhere their money would be held, and nothing would ever give it back.
 */
export async function requireMonthAhead(tx: Tx, benefitId: number, month: string | null) {
  if (month === null) return;
  const [found] = await tx.execute<{ isOwn: boolean; isAhead: boolean }>(sql`
    select ${`${month}-01`}::date between month_of(b.starts_at) and month_of(b.ends_at) as "isOwn",
      ${`${month}-01`}::date >= (select min(l.month) from ledger_months() l where l.state = 'open') as "isAhead"
    from benefit b where b.id = ${benefitId}`);
  if (found?.isAhead !== true) throw new Problem('period_closed');
  if (!found.isOwn)
    throw new Problem('invalid_request', {
      fields: [{ field: 'month', message: 'is none of the benefit' }],
    });
}

/** Before it is proposed, and again when it is done: no more places of one period than the benefit has, top-ups apart. */
export function requireRoom(
  { cap }: { cap: number | null },
  now: readonly Places[],
  wanted: readonly Places[],
): void {
  const others = now.filter(
    (one) => !wanted.some(({ districtId }) => districtId === one.districtId),
  );
  const allocated = sharedOut(others);
  if (cap !== null && allocated + sharedOut(wanted) > cap)
    throw new Problem('cap_above_benefit', { cap, allocated });
}

/**
 * Before it is proposed, and again when it is done: the places of a draw that is committed are its prizes' (see
 * requirePrizeChange). Who knew the number could let go past a district's winners by lowering its pool.
 */
export async function requireDrawKept(
  tx: Tx,
  benefitId: number,
  now: readonly Places[],
  wanted: readonly Places[],
): Promise<void> {
  for (const one of wanted) {
    const before = now.find(({ districtId }) => districtId === one.districtId);
    if (before?.cap === one.cap && before.topped === one.topped) continue;
    const isLess = one.cap < (before?.cap ?? 0) || one.topped < (before?.topped ?? 0);
    await requirePrizeChange(tx, benefitId, isLess ? 'lower' : 'raise');
  }
}

const sharedOut = (places: readonly Places[]): number =>
  places.reduce((sum, { cap, topped }) => sum + cap - topped, 0);

/**
 * Makes pools what they are to be, and reserves what they may cost; pools that are not there yet are opened. Under the
 * benefit's lock, which every change of a cap takes first; then budgets, then counters, home before shared, as a
 * redemption takes them. Who waits for a claim is offered what is more.
 */
export async function setPlaces(
  tx: Tx,
  benefit: { id: number; cap: number | null; unionId: number },
  month: string | null,
  wanted: readonly Places[],
): Promise<void> {
  const districts = wanted.flatMap(({ districtId }) => districtId ?? []);
  await tx.execute(sql`
    select lock_budgets(${benefit.id}, ${sql.param(districts)}::int[])`);
  const now = await poolsIn(tx, benefit.id, month);
  requireRoom(benefit, now, wanted);
  await requireDrawKept(tx, benefit.id, now, wanted);
  const order = (one: Places) => now.find(({ districtId }) => districtId === one.districtId);
  // Lowered ones first: the benefit's cap is held after each step.
  const rises = (one: Places) =>
    one.cap - one.topped > (order(one)?.cap ?? 0) - (order(one)?.topped ?? 0);
  await tx.execute(sql`select lock_places(${benefit.id}, '{}')`);
  for (const one of [...wanted].sort((a, b) => Number(rises(a)) - Number(rises(b)))) {
    const before = order(one);
    if (before?.cap === one.cap && before.topped === one.topped) continue;
    const id = before ? await resize(tx, before.id, one) : await open(tx, benefit, month, one);
    const isMore = one.cap > (before?.cap ?? 0) || one.topped > (before?.topped ?? 0);
    await tx.execute(sql`select reserve_allocation(${id}, ${isMore})`);
  }
  await tx.execute(sql`select offer_places(${benefit.id}, null, clock())`);
}

/**
 * Guarded in the same statement as the change. Units that are claimed or in devices' hands are taken like used ones, but
 * not those that no device may use any more.
 */
async function resize(tx: Tx, id: number, { cap, topped }: Places): Promise<number> {
  await tx.execute(sql`select from return_due_leases(array[${id}::int], clock())`);
  const [pool] = await tx.execute<{ taken: number; isSet: boolean }>(sql`
    with resized as (
      update allocation set cap = ${cap}, topped = ${topped}
      where id = ${id} and topped_used + topped_claimed <= ${topped}::int
        and used - topped_used + claimed - topped_claimed + leased <= ${cap}::int - ${topped}::int
      returning id
    )
    select a.used + a.leased + a.claimed as taken, exists (select from resized) as "isSet"
    from allocation a where a.id = ${id}`);
  if (pool?.isSet !== true) throw new Problem('cap_below_used', { used: pool?.taken ?? 0 });
  return id;
}

/** The owner is the district itself where the benefit's union stands above it, else the benefit's union. */
async function open(
  tx: Tx,
  benefit: { id: number; unionId: number },
  month: string | null,
  { districtId, cap, topped }: Places,
): Promise<number> {
  const [made] = await tx.execute<{ id: number }>(sql`
    insert into allocation (benefit_id, district_id, union_id, starts_at, cap, topped)
    select ${benefit.id}, ${districtId}::int, coalesce((
      select d.id from trade_union d
      where d.id = ${districtId}::int and ${benefit.unionId}::int = any(d.path)), ${benefit.unionId}::int),
      ${startOf(month)}, ${cap}, ${topped}
    returning id`);
  if (!made) throw new Error('The insert returned no row.');
  return made.id;
}
