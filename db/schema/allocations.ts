import { sql } from 'drizzle-orm';
import { check, integer, pgTable, unique, index } from 'drizzle-orm/pg-core';
import { benefit } from './benefits.ts';
import { tradeUnion } from './unions.ts';

/**
 * Places of a benefit given to a pool: a home district, or (`district_id` null) shared by all. One counter row, exact by
 * its CHECK (decision 8); `union_id` owns the places and pays for each one used. Locked after the member, home
 * allocations before shared ones, each in id order, on every path.
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
  },
  (t) => [
    unique('allocation_pool').on(t.benefitId, t.districtId).nullsNotDistinct(),
    index('allocation_union').on(t.unionId),
    check('allocation_used', sql`${t.used} between 0 and ${t.cap}`),
    check('allocation_cap', sql`${t.cap} between 0 and 1000000000`),
  ],
);
