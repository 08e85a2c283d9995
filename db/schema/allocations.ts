import { sql } from 'drizzle-orm';
import { check, integer, pgTable, unique, index } from 'drizzle-orm/pg-core';
import { benefit } from './benefits.ts';
import { tradeUnion } from './unions.ts';

/**
 * Places of a benefit given to a pool: a home district, or (`district_id` null) shared by all. One counter row, exact by
 * its CHECK (decision 8); `union_id` owns the places and pays for each one used. `leased` are the units in devices'
 * hands, and those that devices have used; only the shared pool has any. Locked after the member, home allocations
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
    cap: integer().notNull(),
    used: integer().notNull().default(0),
    leased: integer().notNull().default(0),
  },
  (t) => [
    unique('allocation_pool').on(t.benefitId, t.districtId).nullsNotDistinct(),
    index('allocation_union').on(t.unionId),
    check(
      'allocation_used',
      sql`${t.used} >= 0 and ${t.leased} >= 0 and ${t.used} + ${t.leased} <= ${t.cap}`,
    ),
    check('allocation_leased', sql`${t.districtId} is null or ${t.leased} = 0`),
    check('allocation_cap', sql`${t.cap} between 0 and 1000000000`),
  ],
);
