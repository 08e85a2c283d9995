import { sql } from 'drizzle-orm';
import { check, date, pgTable, text, timestamp } from 'drizzle-orm/pg-core';

/**
 * A month in Asia/Shanghai, by its first day. open until somebody begins to close it, which he can when it is over; then
 * closing; closed for good. A month without a row is open. What is booked later, of whatever date, stands in the month it
 * is booked in.
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
  },
  (t) => [
    check('period_month', sql`extract(day from ${t.month}) = 1`),
    check(
      'period_state',
      sql`(${t.state} <> 'open') = (${t.closingAt} is not null) and (${t.state} = 'closed') = (${t.closedAt} is not null)`,
    ),
  ],
);
