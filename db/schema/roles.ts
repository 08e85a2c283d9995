import { sql } from 'drizzle-orm';
import {
  check,
  index,
  integer,
  pgTable,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { authUser } from './auth.ts';
import { tradeUnion } from './unions.ts';

export const officeRoles = ['administrator', 'finance', 'editor', 'viewer', 'auditor'] as const;
export type OfficeRole = (typeof officeRoles)[number];

/** A deputy is who stands in for an administrator. */
export const heldRoles = [...officeRoles, 'deputy'] as const;
export type HeldRole = (typeof heldRoles)[number];

/**
 * A union's own people, each over the union and all below it; what a role may do is said by `role_may`. Counts from
 * `starts_at` until `ends_at`; both and `suspended_at` act at the next request.
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
    role: text({ enum: officeRoles }).notNull(),
    startsAt: timestamp('starts_at', { withTimezone: true })
      .notNull()
      .default(sql`'-infinity'`),
    endsAt: timestamp('ends_at', { withTimezone: true }),
    appointedBy: text('appointed_by'),
    suspendedAt: timestamp('suspended_at', { withTimezone: true }),
  },
  (t) => [
    unique('officer_of_union').on(t.userId, t.unionId),
    index('officer_union').on(t.unionId),
    check(
      'officer_role',
      sql`${t.role} in ('administrator', 'finance', 'editor', 'viewer', 'auditor')`,
    ),
    check('officer_span', sql`${t.endsAt} is null or ${t.startsAt} < ${t.endsAt}`),
  ],
);

/**
 * An office lent to another user until `ends_at`: what he may do by it is the lender's own role at that moment, so it ends
 * with the office itself, and what was lent cannot be lent on. At most one a lender and borrower is running.
 */
export const delegation = pgTable(
  'delegation',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    officerId: integer('officer_id')
      .notNull()
      .references(() => officer.id),
    userId: text('user_id')
      .notNull()
      .references(() => authUser.id),
    reason: text().notNull(),
    startsAt: timestamp('starts_at', { withTimezone: true }).notNull(),
    endsAt: timestamp('ends_at', { withTimezone: true }).notNull(),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    endedBy: text('ended_by'),
  },
  (t) => [
    index('delegation_user').on(t.userId),
    uniqueIndex('delegation_running')
      .on(t.officerId, t.userId)
      .where(sql`${t.endedAt} is null`),
    check('delegation_span', sql`${t.startsAt} < ${t.endsAt}`),
    check('delegation_ended', sql`(${t.endedAt} is null) = (${t.endedBy} is null)`),
  ],
);

/**
 * A phone that was named for an office and did not accept yet: whoever signs in with it is asked once. Kept by the keyed
 * hash of the number alone. `state` leaves open once. `role` and `union_id` become the office when it is accepted.
 */
export const invitation = pgTable(
  'invitation',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    phoneHash: text('phone_hash').notNull(),
    /** The last four digits, so that who invited knows which of his invitations it is. */
    phoneEnd: text('phone_end').notNull(),
    name: text().notNull(),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    role: text({ enum: officeRoles }).notNull(),
    endsAt: timestamp('ends_at', { withTimezone: true }),
    invitedBy: text('invited_by').notNull(),
    invitedAt: timestamp('invited_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    state: text({ enum: ['open', 'accepted', 'declined', 'withdrawn'] })
      .notNull()
      .default('open'),
    decidedAt: timestamp('decided_at', { withTimezone: true }),
  },
  (t) => [
    uniqueIndex('invitation_open')
      .on(t.phoneHash, t.unionId)
      .where(sql`${t.state} = 'open'`),
    index('invitation_union').on(t.unionId, t.id),
    check('invitation_decided', sql`(${t.state} = 'open') = (${t.decidedAt} is null)`),
  ],
);
