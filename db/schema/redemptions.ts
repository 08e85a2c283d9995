import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { allocation } from './allocations.ts';
import { benefit } from './benefits.ts';
import { device } from './devices.ts';
import { lease } from './leases.ts';
import { card, member } from './members.ts';
import { operator, outlet } from './partners.ts';
import { tradeUnion } from './unions.ts';

/**
 * One use, and its own audit entry: never deleted, and never updated but for `reversed_at`, which goes from null to an
 * instant once, and `variance` (a trigger holds this). `at` is when the pass was scanned and decides periods;
 * `booked_at` is when it was recorded, taken under the member's lock, so a member's own are in the order of their
 * commits. The id's last six bits are the cell, so (cell, id) is unique on id. UNIQUE (card, jti, benefit) keeps a pass
 * to one use a benefit, for good. `member_left` is what he had left in the period right after it: part of the answer
 * that its id gets for ever.
 *
 * `device_id` is the phone that made it without a network, `lease_id` the lease its units came from, null when they came
 * from the allocation. `variance` is the reason why an offline use was one too many: it happened all the same and is
 * paid by who the benefit's policy names, and counts against no limit; its pass is another one's.
 *
 * `union_id` is the member's union at the scan, null in rows older than this column. `is_topped`: it took a place of the
 * pool's top-up. `co_payment_fen` is what the member paid of it at the counter, `discount_fen` what the
 * partner bore, as the ledger says too. `claim_id` is the member's claim that it used up: then its place was that claim's,
 * and the claim counts against the limit, not the use.
 */
export const redemption = pgTable(
  'redemption',
  {
    cell: smallint().notNull(),
    id: uuid().notNull(),
    memberId: bigint('member_id', { mode: 'number' }).notNull(),
    cardNumber: bigint('card_number', { mode: 'number' }).notNull(),
    jti: bigint({ mode: 'number' }).notNull(),
    benefitId: integer('benefit_id')
      .notNull()
      .references(() => benefit.id),
    outletId: integer('outlet_id')
      .notNull()
      .references(() => outlet.id),
    operatorId: integer('operator_id')
      .notNull()
      .references(() => operator.id),
    allocationId: integer('allocation_id')
      .notNull()
      .references(() => allocation.id),
    deviceId: integer('device_id').references(() => device.id),
    leaseId: integer('lease_id').references(() => lease.id),
    variance: text(),
    claimId: uuid('claim_id'),
    unionId: integer('union_id').references(() => tradeUnion.id),
    isTopped: boolean('is_topped').notNull().default(false),
    quantity: smallint().notNull(),
    memberLeft: integer('member_left').notNull(),
    priceFen: integer('price_fen').notNull(),
    coPaymentFen: bigint('co_payment_fen', { mode: 'number' }).notNull().default(0),
    discountFen: bigint('discount_fen', { mode: 'number' }).notNull().default(0),
    at: timestamp({ withTimezone: true }).notNull(),
    bookedAt: timestamp('booked_at', { withTimezone: true }).notNull(),
    reversedAt: timestamp('reversed_at', { withTimezone: true }),
  },
  (t) => [
    primaryKey({ columns: [t.cell, t.id] }),
    uniqueIndex('redemption_pass_once')
      .on(t.cell, t.cardNumber, t.jti, t.benefitId)
      .where(sql`${t.variance} is null`),
    foreignKey({ columns: [t.cell, t.memberId], foreignColumns: [member.cell, member.id] }),
    foreignKey({ columns: [t.cell, t.cardNumber], foreignColumns: [card.cell, card.number] }),
    // The one of a member: what is asked by `at` is asked by `booked_at` too, which is never before it.
    index('redemption_news').on(t.cell, t.memberId, t.bookedAt),
    index('redemption_outlet').on(t.outletId, t.at),
    index('redemption_benefit').on(t.benefitId, t.at),
    index('redemption_booked').using('brin', t.bookedAt).with({ autosummarize: true }),
    check('redemption_cell', sql`(get_byte(uuid_send(${t.id}), 15) & 63) = ${t.cell}`),
    check('redemption_quantity', sql`${t.quantity} between 1 and 100`),
    check('redemption_member_left', sql`${t.memberLeft} >= 0`),
    check(
      'redemption_offline',
      sql`${t.deviceId} is not null or num_nonnulls(${t.leaseId}, ${t.variance}) = 0`,
    ),
    check('redemption_price', sql`${t.priceFen} >= 0`),
    check(
      'redemption_counter',
      sql`${t.coPaymentFen} >= 0 and ${t.discountFen} >= 0 and ${t.coPaymentFen} + ${t.discountFen} <= ${t.priceFen}::bigint * ${t.quantity}`,
    ),
    check(
      'redemption_times',
      sql`${t.at} <= ${t.bookedAt} and (${t.reversedAt} is null or ${t.reversedAt} >= ${t.bookedAt})`,
    ),
  ],
);

/** The undoing of one redemption before its period closes; at most one each. Who did it: an operator or a union's user. */
export const reversal = pgTable(
  'reversal',
  {
    cell: smallint().notNull(),
    id: uuid().notNull(),
    redemptionId: uuid('redemption_id').notNull(),
    userId: text('user_id').notNull(),
    reason: text().notNull(),
    at: timestamp({ withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.cell, t.id] }),
    unique('reversal_once').on(t.cell, t.redemptionId),
    index('reversal_at').using('brin', t.at).with({ autosummarize: true }),
    foreignKey({
      columns: [t.cell, t.redemptionId],
      foreignColumns: [redemption.cell, redemption.id],
    }),
    check('reversal_cell', sql`(get_byte(uuid_send(${t.id}), 15) & 63) = ${t.cell}`),
  ],
);
