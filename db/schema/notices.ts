import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { benefit } from './benefits.ts';
import { outlet, partner } from './partners.ts';

/**
 * News for who would travel in vain: a benefit, a partner, a partner's admission to a benefit (both), or an outlet (and
 * its partner) pauses, goes on or ends. Written by triggers on those tables, so that no way to change them forgets it;
 * one row each, whoever is concerned: that is found when a member reads it. `reason` is what members may read. Insert-only.
 */
export const notice = pgTable(
  'notice',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    change: text({ enum: ['paused', 'resumed', 'ended'] }).notNull(),
    benefitId: integer('benefit_id').references(() => benefit.id),
    partnerId: integer('partner_id').references(() => partner.id),
    outletId: integer('outlet_id').references(() => outlet.id),
    reason: text(),
    at: timestamp({ withTimezone: true }).notNull(),
  },
  (t) => [
    index('notice_at').on(t.at),
    check(
      'notice_subject',
      sql`num_nonnulls(${t.benefitId}, ${t.partnerId}) > 0 and (${t.outletId} is null or ${t.partnerId} is not null)`,
    ),
  ],
);
