import { index, integer, pgTable, text, timestamp, unique } from 'drizzle-orm/pg-core';
import { authUser } from './auth.ts';
import { tradeUnion } from './unions.ts';

/**
 * A union's own people: `administrator` changes, `viewer` reads, each over the union and all below it. `suspended_at`
 * acts at the next request.
 */
export const officer = pgTable(
  'officer',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    userId: text('user_id')
      .notNull()
      .references(() => authUser.id),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    role: text({ enum: ['administrator', 'viewer'] }).notNull(),
    suspendedAt: timestamp('suspended_at', { withTimezone: true }),
  },
  (t) => [unique('officer_of_union').on(t.userId, t.unionId), index('officer_union').on(t.unionId)],
);
