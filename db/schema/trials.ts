import { foreignKey, integer, pgTable, primaryKey, text, timestamp } from 'drizzle-orm/pg-core';
import { benefitPartner } from './benefits.ts';
import { operator, outlet } from './partners.ts';

/**
 * The last test redemption of an admission at an outlet: judged as a real one, but nothing was counted or paid, and nobody
 * knows whose card it was. `outcome` is its refusal, or accepted; `passed_at` the last time that it was.
 */
export const trial = pgTable(
  'trial',
  {
    benefitId: integer('benefit_id').notNull(),
    partnerId: integer('partner_id').notNull(),
    outletId: integer('outlet_id')
      .notNull()
      .references(() => outlet.id),
    operatorId: integer('operator_id')
      .notNull()
      .references(() => operator.id),
    outcome: text().notNull(),
    at: timestamp({ withTimezone: true }).notNull(),
    passedAt: timestamp('passed_at', { withTimezone: true }),
  },
  (t) => [
    primaryKey({ columns: [t.benefitId, t.partnerId, t.outletId] }),
    foreignKey({
      name: 'trial_admission',
      columns: [t.benefitId, t.partnerId],
      foreignColumns: [benefitPartner.benefitId, benefitPartner.partnerId],
    }),
  ],
);
