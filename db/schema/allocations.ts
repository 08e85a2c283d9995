import { sql } from 'drizzle-orm';
import { check, index, integer, pgTable, timestamp, unique } from 'drizzle-orm/pg-core';
import { benefit } from './benefits.ts';
import { tradeUnion } from './unions.ts';

/**
 * Places of a benefit given to a pool: a home district, or (`district_id` null) shared by all. One counter row, exact by
 * its CHECK (decision 8). `starts_at` is the first instant of the benefit's quota period it serves, so that each month
 * has its own row. `union_id` owns the places: who pays for a used one, the benefit's funding rule says. `topped` of them
 * are a top-up, which the pool's district alone pays; they are taken last. `leased` are the units in devices'
 * hands, and those that devices have used; only the shared pool has any. `claimed` are the units of claims that hold one
 * and were not used yet, `topped_claimed` those of them that come from the top-up. Locked after the member, home allocations
 * before shared ones, each in id order, on every path; leases come after them.
 */
export const allocation = pgTable(
  'allocation',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    benefitId: integer('benefit_id')
      .notNull()
      .references(() => benefit.id),
    districtId: integer('district_id').references(() => tradeUnion.id),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    startsAt: timestamp('starts_at', { withTimezone: true })
      .notNull()
      .default(sql`'-infinity'`),
    cap: integer().notNull(),
    used: integer().notNull().default(0),
    topped: integer().notNull().default(0),
    toppedUsed: integer('topped_used').notNull().default(0),
    leased: integer().notNull().default(0),
    claimed: integer().notNull().default(0),
    toppedClaimed: integer('topped_claimed').notNull().default(0),
  },
  (t) => [
    unique('allocation_pool').on(t.benefitId, t.districtId, t.startsAt).nullsNotDistinct(),
    index('allocation_union').on(t.unionId),
    check(
      'allocation_used',
      sql`${t.used} >= 0 and ${t.leased} >= 0 and ${t.claimed} >= 0 and ${t.used} + ${t.leased} + ${t.claimed} <= ${t.cap}`,
    ),
    check(
      'allocation_topped',
      sql`num_nonnulls(nullif(${t.topped}, 0), nullif(${t.toppedUsed}, 0), nullif(${t.toppedClaimed}, 0)) = 0 or ${t.toppedUsed} >= 0 and ${t.toppedClaimed} >= 0 and ${t.toppedUsed} + ${t.toppedClaimed} <= ${t.topped} and ${t.topped} <= ${t.cap} and ${t.toppedUsed} <= ${t.used} and ${t.toppedClaimed} <= ${t.claimed} and ${t.used} - ${t.toppedUsed} + ${t.claimed} - ${t.toppedClaimed} <= ${t.cap} - ${t.topped}`,
    ),
    check('allocation_no_top_up_shared', sql`${t.districtId} is not null or ${t.topped} = 0`),
    check('allocation_leased', sql`${t.districtId} is null or ${t.leased} = 0`),
    check('allocation_cap', sql`${t.cap} between 0 and 1000000000`),
  ],
);
