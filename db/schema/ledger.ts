import { sql } from 'drizzle-orm';
import {
  bigint,
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
import { partner } from './partners.ts';
import { redemption } from './redemptions.ts';
import { tradeUnion } from './unions.ts';

/**
 * What a transfer moves between, made with its owner by a trigger. A union has `budget` (what it bears) and `variance`
 * (what offline uses one too many cost it); a partner has `payable` (what unions owe it), `counter` (what was settled at
 * its counter) and `discount` (what it bears itself); `members` is one for all, what members pay there. Balances are sums
 * over `transfer`; nothing is stored here.
 */
export const account = pgTable(
  'account',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    unionId: integer('union_id').references(() => tradeUnion.id),
    partnerId: integer('partner_id').references(() => partner.id),
    kind: text({ enum: ['budget', 'variance', 'payable', 'counter', 'discount', 'members'] })
      .notNull()
      .default('budget'),
  },
  (t) => [
    unique('account_of_union').on(t.unionId, t.kind),
    unique('account_of_partner').on(t.partnerId, t.kind),
    uniqueIndex('account_of_members')
      .on(t.kind)
      .where(sql`${t.kind} = 'members'`),
    check(
      'account_of_its_owner',
      sql`case when ${t.kind} in ('budget', 'variance') then ${t.unionId} is not null and ${t.partnerId} is null when ${t.kind} = 'members' then num_nonnulls(${t.unionId}, ${t.partnerId}) = 0 else ${t.partnerId} is not null and ${t.unionId} is null end`,
    ),
  ],
);

/**
 * One ledger row with both legs, in integer fen, insert-only (a trigger refuses UPDATE and DELETE). A redemption writes a
 * leg for each payer of its funding rule, numbered in the rule's order: the frozen split. Its reversal writes each of them
 * back, and an adjustment after the close what it corrects, by the shares of the original.
 *
 * `creditor_id` is the union that pays the partner: what a payer's union bears of a leg it owes that one, unless it is the
 * same; null where no union pays. So what A owes B is the sum of its legs with creditor B, less those that came back. `at`
 * is when it was booked, and decides its period: the month in Asia/Shanghai.
 */
export const transfer = pgTable(
  'transfer',
  {
    cell: smallint().notNull(),
    redemptionId: uuid('redemption_id').notNull(),
    kind: text({ enum: ['redemption', 'reversal', 'adjustment'] }).notNull(),
    leg: smallint().notNull(),
    payerId: integer('payer_id')
      .notNull()
      .references(() => account.id),
    payeeId: integer('payee_id')
      .notNull()
      .references(() => account.id),
    creditorId: integer('creditor_id').references(() => tradeUnion.id),
    amountFen: bigint('amount_fen', { mode: 'number' }).notNull(),
    at: timestamp({ withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.cell, t.redemptionId, t.kind, t.leg] }),
    foreignKey({
      columns: [t.cell, t.redemptionId],
      foreignColumns: [redemption.cell, redemption.id],
    }),
    index('transfer_at').using('brin', t.at).with({ autosummarize: true }),
    check('transfer_amount', sql`${t.amountFen} >= 0`),
    check('transfer_moves', sql`${t.payerId} <> ${t.payeeId}`),
  ],
);
