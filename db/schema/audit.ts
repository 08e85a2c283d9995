import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
  foreignKey,
  unique,
} from 'drizzle-orm/pg-core';
import { budget } from './budgets.ts';
import { device } from './devices.ts';
import { redemption } from './redemptions.ts';
import { tradeUnion } from './unions.ts';

const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' });

/**
 * One administrative change, written in its transaction: who, for which union, what, why, before and after; where it
 * took two persons, `user_id` proposed and `confirmed_by` confirmed. `txid` is its transaction: entries are linked into
 * their chain when no transaction before it is under way any more. Insert-only.
 */
export const auditEntry = pgTable(
  'audit_entry',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    at: timestamp({ withTimezone: true }).notNull(),
    userId: text('user_id').notNull(),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    action: text().notNull(),
    subject: text().notNull(),
    subjectId: text('subject_id').notNull(),
    reason: text(),
    before: jsonb(),
    after: jsonb(),
    confirmedBy: text('confirmed_by'),
    txid: xid8()
      .notNull()
      .default(sql`pg_current_xact_id()`),
  },
  (t) => [
    index('audit_entry_union').on(t.unionId, t.id),
    index('audit_entry_subject').on(t.subject, t.subjectId, t.id),
    index('audit_entry_txid').on(t.txid, t.id),
    check('audit_entry_two', sql`${t.confirmedBy} <> ${t.userId}`),
  ],
);

/**
 * The chain of a district's entries, and one of the city's own: each link is the hash over the link before it and over
 * the entry as it was written. Insert-only; chain_link() alone writes it.
 */
export const auditLink = pgTable(
  'audit_link',
  {
    chainId: integer('chain_id')
      .notNull()
      .references(() => tradeUnion.id),
    seq: bigint({ mode: 'number' }).notNull(),
    entryId: bigint('entry_id', { mode: 'number' })
      .notNull()
      .references(() => auditEntry.id),
    hash: text().notNull(),
    linkedAt: timestamp('linked_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.chainId, t.seq] }),
    unique('audit_link_entry').on(t.entryId),
    check('audit_link_hash', sql`${t.hash} ~ '^[0-9a-f]{64}$'`),
    check('audit_link_seq', sql`${t.seq} >= 1`),
  ],
);

/** One row: every entry of a transaction before `horizon` is linked. Who links holds it, so that only one does. */
export const auditHorizon = pgTable(
  'audit_horizon',
  {
    id: smallint().primaryKey().default(1),
    horizon: xid8()
      .notNull()
      .default(sql`'0'`),
  },
  (t) => [check('audit_horizon_one', sql`${t.id} = 1`)],
);

/**
 * Something a union should look at. `not_me`: the member says a redemption was not his; seen by the union that owns the
 * charged allocation and those above it, never by the operator. One a redemption and kind. `device_gap`: scans before
 * `seq` were never uploaded; it closes itself when they come. `device_fork`: one seq has two contents, or the chain does
 * not fit. Both are seen by the union that contracted the partner. One a device, kind and seq. `budget_threshold`: what
 * is used and reserved of a union's budget reached `percent` of it, when that was `budget_fen`; one a threshold, and
 * another only when the budget was raised and the same share of it reached again.
 */
export const alert = pgTable(
  'alert',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    kind: text({ enum: ['not_me', 'device_gap', 'device_fork', 'budget_threshold'] }).notNull(),
    cell: smallint(),
    redemptionId: uuid('redemption_id'),
    deviceId: integer('device_id').references(() => device.id),
    seq: integer(),
    budgetId: integer('budget_id').references(() => budget.id),
    percent: smallint(),
    budgetFen: bigint('budget_fen', { mode: 'number' }),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    raisedAt: timestamp('raised_at', { withTimezone: true }).notNull(),
    closedAt: timestamp('closed_at', { withTimezone: true }),
    closeReason: text('close_reason'),
  },
  (t) => [
    unique('alert_once').on(t.cell, t.redemptionId, t.kind),
    unique('alert_of_device').on(t.deviceId, t.kind, t.seq),
    unique('alert_of_budget').on(t.budgetId, t.percent, t.budgetFen),
    check(
      'alert_subject',
      sql`num_nonnulls(${t.cell}, ${t.redemptionId}) = case ${t.kind} when 'not_me' then 2 else 0 end and num_nonnulls(${t.deviceId}, ${t.seq}) = case when ${t.kind} in ('device_gap', 'device_fork') then 2 else 0 end and num_nonnulls(${t.budgetId}, ${t.percent}, ${t.budgetFen}) = case ${t.kind} when 'budget_threshold' then 3 else 0 end`,
    ),
    index('alert_union').on(t.unionId, t.id),
    foreignKey({
      columns: [t.cell, t.redemptionId],
      foreignColumns: [redemption.cell, redemption.id],
    }),
  ],
);
