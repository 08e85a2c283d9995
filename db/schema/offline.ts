import { sql } from 'drizzle-orm';
import {
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';
import { device } from './devices.ts';
import { tradeUnion } from './unions.ts';

/**
 * One offline scan as a device uploaded it, kept before anything is decided and never deleted. `body` is its exact text
 * and `hash` (hex) the SHA-256 of the one before it and that text, so two rows of one seq are a fork: the first is the
 * scan, the other waits for the union. A body that cannot be read has no card, no id and no benefit.
 *
 * `verdict` is null while an earlier seq of the device is missing. accepted: a redemption. duplicate, over_limit: also a
 * redemption, one too many, charged to variance. invalid: nothing is owed. needs_review: the union decides whether it is
 * paid. `reason` says why, in the words of redeem() or its own. `union_id` owns the review: the benefit's union.
 */
export const offlineItem = pgTable(
  'offline_item',
  {
    deviceId: integer('device_id')
      .notNull()
      .references(() => device.id),
    seq: integer().notNull(),
    hash: text().notNull(),
    body: text().notNull(),
    receivedAt: timestamp('received_at', { withTimezone: true }).notNull(),
    cell: smallint(),
    redemptionId: uuid('redemption_id'),
    benefitId: integer('benefit_id'),
    quantity: smallint(),
    scannedAt: timestamp('scanned_at', { withTimezone: true }),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    verdict: text({ enum: ['accepted', 'duplicate', 'over_limit', 'invalid', 'needs_review'] }),
    reason: text(),
    decision: text({ enum: ['pay', 'reject'] }),
    decidedAt: timestamp('decided_at', { withTimezone: true }),
    decidedBy: text('decided_by'),
    decisionReason: text('decision_reason'),
  },
  (t) => [
    primaryKey({ columns: [t.deviceId, t.seq, t.hash] }),
    index('offline_item_redemption').on(t.cell, t.redemptionId),
    index('offline_item_review')
      .on(t.unionId, t.receivedAt)
      .where(sql`${t.verdict} in ('duplicate', 'over_limit', 'needs_review')`),
    check('offline_item_seq', sql`${t.seq} >= 1`),
    check('offline_item_hash', sql`${t.hash} ~ '^[0-9a-f]{64}$'`),
    check(
      'offline_item_reason',
      sql`(${t.reason} is null) = (${t.verdict} is null or ${t.verdict} = 'accepted')`,
    ),
    check(
      'offline_item_decision',
      sql`num_nulls(${t.decision}, ${t.decidedAt}, ${t.decidedBy}, ${t.decisionReason}) in (0, 4)`,
    ),
  ],
);
