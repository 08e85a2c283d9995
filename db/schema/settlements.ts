import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { partner } from './partners.ts';
import { redemption } from './redemptions.ts';
import { tradeUnion } from './unions.ts';

/**
 * A month in Asia/Shanghai, by its first day. open until somebody begins to close it, which he can when it is over; then
 * closing; closed for good. A month without a row is open. What is booked later, of whatever date, stands in the month it
 * is booked in. `closing_by` is who began; `hash` is the digest over the hashes of all its statements.
 */
export const period = pgTable(
  'period',
  {
    month: date().primaryKey(),
    state: text({ enum: ['open', 'closing', 'closed'] })
      .notNull()
      .default('open'),
    closingAt: timestamp('closing_at', { withTimezone: true }),
    closedAt: timestamp('closed_at', { withTimezone: true }),
    closingBy: text('closing_by'),
    hash: text(),
  },
  (t) => [
    check('period_month', sql`extract(day from ${t.month}) = 1`),
    check(
      'period_state',
      sql`(${t.state} <> 'open') = (${t.closingAt} is not null) and (${t.state} = 'closed') = (${t.closedAt} is not null)`,
    ),
  ],
);

/**
 * A day of the ledger (Asia/Shanghai) that was added up, so that a close only adds up days: how many legs were booked on
 * it, of whatever account, and their sum. It promises nothing: the close compares it with the ledger, and has a day that
 * differs added up anew. Its row is the lock of whoever does it.
 */
export const ledgerDay = pgTable('ledger_day', {
  day: date().primaryKey(),
  legs: integer().notNull(),
  amountFen: bigint('amount_fen', { mode: 'number' }).notNull(),
});

/**
 * What `union_id` bears at one partner on one day: the part that the statement of the partner and the statement of the
 * two unions have in common. A line is a leg into the partner's payable account (charged) or out of it (returned). `uses`
 * are the redemptions among them, `heads` those whose first line stands here, so that heads add up over unions. `hash` is
 * the digest of the lines in their order; `day_parts()` says what it is over.
 */
export const ledgerPart = pgTable(
  'ledger_part',
  {
    day: date()
      .notNull()
      .references(() => ledgerDay.day),
    partnerId: integer('partner_id').notNull(),
    unionId: integer('union_id').notNull(),
    creditorId: integer('creditor_id').notNull(),
    lines: integer().notNull(),
    uses: integer().notNull(),
    heads: integer().notNull(),
    chargedFen: bigint('charged_fen', { mode: 'number' }).notNull(),
    returnedFen: bigint('returned_fen', { mode: 'number' }).notNull(),
    hash: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.day, t.partnerId, t.unionId, t.creditorId] })],
);

/**
 * What stands at the end of a month. partner: what `union_id` owes the partner that it contracted (`debit_fen`). pair: what
 * two unions owe each other, the one with the lower id first: `debit_fen` is what it owes the other one, `credit_fen` what
 * that one owes it, each less what came back; so the net is their difference, and positions sum to zero by construction.
 * Its lines are the legs of the ledger booked in its month; `hash` is over them, and `anchors` are the heads of the audit
 * chains of its unions at that moment. All this is final (a trigger refuses); what people do with it follows, each once.
 *
 * A pair is confirmed by each union. A partner's is paid: first the invoice's number, with which what is payable is fixed
 * (`payable_fen`: without the suspended lines, and with those released since), then the bank's reference and date.
 */
export const statement = pgTable(
  'statement',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    month: date()
      .notNull()
      .references(() => period.month),
    kind: text({ enum: ['partner', 'pair'] }).notNull(),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    otherId: integer('other_id').references(() => tradeUnion.id),
    partnerId: integer('partner_id').references(() => partner.id),
    lines: integer().notNull(),
    redemptions: integer().notNull(),
    debitFen: bigint('debit_fen', { mode: 'number' }).notNull(),
    creditFen: bigint('credit_fen', { mode: 'number' }).notNull(),
    hash: text().notNull(),
    anchors: jsonb().$type<Record<string, unknown>[]>().notNull().default([]),
    confirmedAt: timestamp('confirmed_at', { withTimezone: true }),
    confirmedBy: text('confirmed_by'),
    otherConfirmedAt: timestamp('other_confirmed_at', { withTimezone: true }),
    otherConfirmedBy: text('other_confirmed_by'),
    invoiceNumber: text('invoice_number'),
    invoicedAt: timestamp('invoiced_at', { withTimezone: true }),
    payableFen: bigint('payable_fen', { mode: 'number' }),
    bankReference: text('bank_reference'),
    paidOn: date('paid_on'),
    paidAt: timestamp('paid_at', { withTimezone: true }),
  },
  (t) => [
    unique('statement_once').on(t.month, t.unionId, t.otherId, t.partnerId).nullsNotDistinct(),
    unique('statement_invoice').on(t.unionId, t.invoiceNumber),
    index('statement_union').on(t.unionId, t.id),
    index('statement_other').on(t.otherId, t.id),
    index('statement_partner').on(t.partnerId, t.id),
    check(
      'statement_kind',
      sql`case ${t.kind} when 'pair' then ${t.unionId} < ${t.otherId} and ${t.partnerId} is null and num_nonnulls(${t.invoicedAt}, ${t.paidAt}) = 0 else ${t.partnerId} is not null and ${t.otherId} is null and ${t.creditFen} = 0 and num_nonnulls(${t.confirmedAt}, ${t.otherConfirmedAt}) = 0 end`,
    ),
    check(
      'statement_confirmed',
      sql`(${t.confirmedAt} is null) = (${t.confirmedBy} is null) and (${t.otherConfirmedAt} is null) = (${t.otherConfirmedBy} is null)`,
    ),
    check('statement_two_persons', sql`${t.confirmedBy} <> ${t.otherConfirmedBy}`),
    check(
      'statement_invoiced_before_paid',
      sql`num_nulls(${t.invoiceNumber}, ${t.invoicedAt}, ${t.payableFen}) in (0, 3) and num_nulls(${t.bankReference}, ${t.paidOn}, ${t.paidAt}) in (0, 3) and (${t.paidAt} is null or ${t.invoicedAt} is not null)`,
    ),
  ],
);

/**
 * Somebody says of a redemption in a statement that it should cost `claimed_fen` in all. In a pair's: one of the unions;
 * the other one accepts or declines. In a partner's: the partner, and its union accepts or declines. What was declined the
 * city upholds or dismisses, unless it was the city itself that declined its partner. Accepted or upheld, an adjustment brings the redemption to `corrected_fen` in the open
 * month, by its original shares. `state` goes forward only; one that was not withdrawn stays the only one of its line.
 */
export const dispute = pgTable(
  'dispute',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    statementId: integer('statement_id')
      .notNull()
      .references(() => statement.id),
    cell: smallint().notNull(),
    redemptionId: uuid('redemption_id').notNull(),
    /** The union that raised it; null: the partner. */
    unionId: integer('union_id').references(() => tradeUnion.id),
    claimedFen: bigint('claimed_fen', { mode: 'number' }).notNull(),
    reason: text().notNull(),
    raisedBy: text('raised_by').notNull(),
    raisedAt: timestamp('raised_at', { withTimezone: true }).notNull(),
    state: text({ enum: ['open', 'withdrawn', 'accepted', 'declined', 'upheld', 'dismissed'] })
      .notNull()
      .default('open'),
    answeredBy: text('answered_by'),
    answeredAt: timestamp('answered_at', { withTimezone: true }),
    answer: text(),
    ruledBy: text('ruled_by'),
    ruledAt: timestamp('ruled_at', { withTimezone: true }),
    ruling: text(),
    correctedFen: bigint('corrected_fen', { mode: 'number' }),
    version: integer().notNull().default(1),
  },
  (t) => [
    uniqueIndex('dispute_once')
      .on(t.statementId, t.cell, t.redemptionId)
      .where(sql`${t.state} <> 'withdrawn'`),
    foreignKey({
      columns: [t.cell, t.redemptionId],
      foreignColumns: [redemption.cell, redemption.id],
    }),
    check('dispute_claim', sql`${t.claimedFen} >= 0`),
    check(
      'dispute_state',
      sql`(${t.state} = 'open') = (${t.answeredAt} is null) and (${t.state} in ('upheld', 'dismissed')) = (${t.ruledAt} is not null) and (${t.state} in ('accepted', 'upheld')) = (${t.correctedFen} is not null)`,
    ),
  ],
);

/**
 * A redemption that a union does not pay its partner yet, with the sum of its lines in the statement. Once released,
 * `carried_to` is the statement that it is paid with: its own where that has no invoice yet, else the next that gets one,
 * which for a line that was adjusted is not one of a month before the adjustment's (`carried_by()` says which).
 */
export const suspension = pgTable(
  'suspension',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    statementId: integer('statement_id')
      .notNull()
      .references(() => statement.id),
    cell: smallint().notNull(),
    redemptionId: uuid('redemption_id').notNull(),
    amountFen: bigint('amount_fen', { mode: 'number' }).notNull(),
    reason: text().notNull(),
    suspendedBy: text('suspended_by').notNull(),
    suspendedAt: timestamp('suspended_at', { withTimezone: true }).notNull(),
    releaseReason: text('release_reason'),
    releasedBy: text('released_by'),
    releasedAt: timestamp('released_at', { withTimezone: true }),
    carriedTo: integer('carried_to').references(() => statement.id),
  },
  (t) => [
    uniqueIndex('suspension_once')
      .on(t.statementId, t.cell, t.redemptionId)
      .where(sql`${t.releasedAt} is null`),
    index('suspension_carried').on(t.carriedTo),
    foreignKey({
      columns: [t.cell, t.redemptionId],
      foreignColumns: [redemption.cell, redemption.id],
    }),
    check('suspension_amount', sql`${t.amountFen} > 0`),
    check(
      'suspension_released',
      sql`num_nulls(${t.releaseReason}, ${t.releasedBy}, ${t.releasedAt}) in (0, 3) and (${t.carriedTo} is null or ${t.releasedAt} is not null)`,
    ),
  ],
);
