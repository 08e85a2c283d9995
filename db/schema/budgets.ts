import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  smallint,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core';
import { allocation } from './allocations.ts';
import { benefitPartner } from './benefits.ts';
import { tradeUnion } from './unions.ts';

/**
 * The money of a union for one calendar year (Asia/Shanghai), in fen. What is used of it is the sum of its legs in the
 * ledger; what is reserved, of its open reservations; the rest is left. Locked by whoever reserves, so that used +
 * reserved never exceed it. `alert_percents`: at which shares of it the union is alerted.
 */
export const budget = pgTable(
  'budget',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    year: smallint().notNull(),
    amountFen: bigint('amount_fen', { mode: 'number' }).notNull(),
    alertPercents: smallint('alert_percents')
      .array()
      .notNull()
      .default(sql`'{80,95}'`),
    version: integer().notNull().default(1),
  },
  (t) => [
    unique('budget_of_year').on(t.unionId, t.year),
    check('budget_amount', sql`${t.amountFen} between 0 and 100000000000000`),
    check('budget_year', sql`${t.year} between 2020 and 2100`),
  ],
);

/**
 * What a payer holds ready for the places of an allocation, or for the uses an admission allows: `unit_fen`, the most one
 * unit may cost it, for each unit that is not used yet. So it shrinks with each use, by itself, and redeem() never looks
 * at a budget. `part`: an allocation's places without its top-up, or those of the top-up. A payer whom nobody knows before
 * a use is stood in for by the owner of the places. `released_at`: its period closed, or the places went back; what was
 * not used is free again.
 */
export const reservation = pgTable(
  'reservation',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    budgetId: integer('budget_id')
      .notNull()
      .references(() => budget.id),
    part: text({ enum: ['base', 'topped', 'admission'] }).notNull(),
    allocationId: integer('allocation_id').references(() => allocation.id),
    benefitId: integer('benefit_id'),
    partnerId: integer('partner_id'),
    unitFen: bigint('unit_fen', { mode: 'number' }).notNull(),
    releasedAt: timestamp('released_at', { withTimezone: true }),
  },
  (t) => [
    unique('reservation_once')
      .on(t.budgetId, t.part, t.allocationId, t.benefitId, t.partnerId)
      .nullsNotDistinct(),
    index('reservation_allocation').on(t.allocationId),
    foreignKey({
      name: 'reservation_admission',
      columns: [t.benefitId, t.partnerId],
      foreignColumns: [benefitPartner.benefitId, benefitPartner.partnerId],
    }),
    check('reservation_unit', sql`${t.unitFen} >= 0`),
    check(
      'reservation_subject',
      sql`case when ${t.part} = 'admission' then ${t.allocationId} is null and num_nulls(${t.benefitId}, ${t.partnerId}) = 0 else ${t.allocationId} is not null and num_nonnulls(${t.benefitId}, ${t.partnerId}) = 0 end`,
    ),
  ],
);

/**
 * Places that one pool opens to another until `returns_at`: outbound for the owner of `from_id`, inbound for that of
 * `to_id`, the shared pool or another district's. The units moved from cap to cap; what is unused at the end moves back,
 * and `returned` says how much that was.
 */
export const opening = pgTable(
  'opening',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    fromId: integer('from_id')
      .notNull()
      .references(() => allocation.id),
    toId: integer('to_id')
      .notNull()
      .references(() => allocation.id),
    units: integer().notNull(),
    returnsAt: timestamp('returns_at', { withTimezone: true }).notNull(),
    openedAt: timestamp('opened_at', { withTimezone: true }).notNull(),
    returned: integer(),
    returnedAt: timestamp('returned_at', { withTimezone: true }),
  },
  (t) => [
    index('opening_from').on(t.fromId),
    index('opening_to').on(t.toId),
    index('opening_due')
      .on(t.returnsAt)
      .where(sql`${t.returnedAt} is null`),
    check('opening_moves', sql`${t.fromId} <> ${t.toId} and ${t.units} > 0`),
    check(
      'opening_returned',
      sql`(${t.returned} is null) = (${t.returnedAt} is null) and coalesce(${t.returned} between 0 and ${t.units}, true)`,
    ),
  ],
);
