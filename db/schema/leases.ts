import { sql } from 'drizzle-orm';
import {
  check,
  index,
  integer,
  pgTable,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { allocation } from './allocations.ts';
import { benefit } from './benefits.ts';
import { device } from './devices.ts';

/**
 * A union's leave to redeem a benefit without a network; none: only online. A device may hold up to `units` from the
 * shared pool for `hours`, use up to `card_uses_a_day` of them for one card, and up to `value_max_fen` at once.
 * `variance_payer` bears what turns out to be one use too many: the benefit's union, the host district, or the partner
 * (who then is not paid for it).
 */
export const offlinePolicy = pgTable(
  'offline_policy',
  {
    benefitId: integer('benefit_id')
      .primaryKey()
      .references(() => benefit.id),
    units: integer().notNull(),
    hours: smallint().notNull(),
    cardUsesADay: smallint('card_uses_a_day').notNull(),
    valueMaxFen: integer('value_max_fen').notNull(),
    variancePayer: text('variance_payer', { enum: ['union', 'district', 'partner'] }).notNull(),
  },
  (t) => [
    check(
      'offline_policy_bounds',
      sql`${t.units} between 1 and 10000 and ${t.hours} between 1 and 72 and ${t.cardUsesADay} between 1 and 100 and ${t.valueMaxFen} >= 0`,
    ),
  ],
);

export type OfflineTerms = Omit<typeof offlinePolicy.$inferSelect, 'benefitId'>;

/**
 * Units of a shared allocation in a device's hands: counted in `allocation.leased` while they are out, and there for
 * good once used. A device holds one lease a benefit and renews it in place. It may be spent by scans before
 * `expires_at`; `returns_at` (the grace for a late upload) gives the unused back, and so does `returned_at` sooner.
 * Locked after the allocations, in id order.
 */
export const lease = pgTable(
  'lease',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    deviceId: integer('device_id')
      .notNull()
      .references(() => device.id),
    benefitId: integer('benefit_id')
      .notNull()
      .references(() => benefit.id),
    allocationId: integer('allocation_id')
      .notNull()
      .references(() => allocation.id),
    units: integer().notNull(),
    used: integer().notNull().default(0),
    grantedAt: timestamp('granted_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    returnsAt: timestamp('returns_at', { withTimezone: true }).notNull(),
    returnedAt: timestamp('returned_at', { withTimezone: true }),
  },
  (t) => [
    uniqueIndex('lease_open')
      .on(t.deviceId, t.benefitId)
      .where(sql`${t.returnedAt} is null`),
    index('lease_due')
      .on(t.allocationId, t.returnsAt)
      .where(sql`${t.returnedAt} is null`),
    check('lease_used', sql`${t.used} between 0 and ${t.units}`),
    check(
      'lease_times',
      sql`${t.grantedAt} <= ${t.expiresAt} and ${t.expiresAt} <= ${t.returnsAt}`,
    ),
  ],
);
