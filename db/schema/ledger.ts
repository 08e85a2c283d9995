import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  foreignKey,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { partner } from './partners.ts';
import { redemption } from './redemptions.ts';
import { tradeUnion } from './unions.ts';

/**
 * What a transfer moves between: one account a union and one a partner, made with their owner by a trigger.
 * Balances are sums over `transfer`; nothing is stored here.
 */
export const account = pgTable(
  'account',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    unionId: integer('union_id').references(() => tradeUnion.id),
    partnerId: integer('partner_id').references(() => partner.id),
  },
  (t) => [
    unique('account_of_union').on(t.unionId),
    unique('account_of_partner').on(t.partnerId),
    check('account_has_one_owner', sql`num_nonnulls(${t.unionId}, ${t.partnerId}) = 1`),
  ],
);

/**
 * One ledger row with both legs, in integer fen, insert-only (a trigger refuses UPDATE and DELETE). A redemption writes
 * leg 1 from the union that owns the charged allocation to the partner; its reversal writes the way back.
 */
export const transfer = pgTable(
  'transfer',
  {
    cell: smallint().notNull(),
    redemptionId: uuid('redemption_id').notNull(),
    kind: text({ enum: ['redemption', 'reversal'] }).notNull(),
    leg: smallint().notNull(),
    payerId: integer('payer_id')
      .notNull()
      .references(() => account.id),
    payeeId: integer('payee_id')
      .notNull()
      .references(() => account.id),
    amountFen: bigint('amount_fen', { mode: 'number' }).notNull(),
    at: timestamp({ withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.cell, t.redemptionId, t.kind, t.leg] }),
    foreignKey({
      columns: [t.cell, t.redemptionId],
      foreignColumns: [redemption.cell, redemption.id],
    }),
    check('transfer_amount', sql`${t.amountFen} >= 0`),
    check('transfer_moves', sql`${t.payerId} <> ${t.payeeId}`),
  ],
);
