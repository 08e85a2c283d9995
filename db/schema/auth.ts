import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';

const instant = (name: string) => timestamp(name, { withTimezone: true });

/**
 * better-auth's user. `phone_number` holds the keyed hash of the number, never the number itself (decision 15).
 * A session older than `sessions_valid_from` is dead in the next statement: "sign out everywhere" moves it. Sessions ended
 * one by one stand by their beginning in `ended_sessions`, for as long as a signed cookie may outlive them.
 */
export const authUser = pgTable(
  'auth_user',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    email: text().notNull().unique(),
    emailVerified: boolean('email_verified').notNull().default(false),
    image: text(),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    phoneNumber: text('phone_number'),
    phoneNumberVerified: boolean('phone_number_verified'),
    sessionsValidFrom: instant('sessions_valid_from').notNull().defaultNow(),
    endedSessions: instant('ended_sessions')
      .array()
      .notNull()
      .default(sql`'{}'`),
    sessionsEndedAt: instant('sessions_ended_at'),
  },
  (t) => [
    uniqueIndex('auth_user_phone').on(t.phoneNumber),
    index('auth_user_ended_sessions')
      .on(t.sessionsEndedAt)
      .where(sql`${t.sessionsEndedAt} is not null`),
  ],
);

/** better-auth's session. `second_factor_at` is when this session passed the second factor. */
export const authSession = pgTable(
  'auth_session',
  {
    id: text().primaryKey(),
    token: text().notNull().unique(),
    userId: text('user_id')
      .notNull()
      .references(() => authUser.id, { onDelete: 'cascade' }),
    expiresAt: instant('expires_at').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    secondFactorAt: instant('second_factor_at'),
  },
  (t) => [index('auth_session_user').on(t.userId)],
);

/** better-auth's sign-in methods of a user. */
export const authAccount = pgTable(
  'auth_account',
  {
    id: text().primaryKey(),
    accountId: text('account_id').notNull(),
    providerId: text('provider_id').notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => authUser.id, { onDelete: 'cascade' }),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: instant('access_token_expires_at'),
    refreshTokenExpiresAt: instant('refresh_token_expires_at'),
    scope: text(),
    password: text(),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [index('auth_account_user').on(t.userId)],
);

/** better-auth's short-lived values; identifiers are stored hashed. */
export const authVerification = pgTable(
  'auth_verification',
  {
    id: text().primaryKey(),
    identifier: text().notNull(),
    value: text().notNull(),
    expiresAt: instant('expires_at').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [index('auth_verification_identifier').on(t.identifier)],
);

/**
 * The second factor (TOTP) of an officer: the shared secret under the configured one. It counts from `confirmed_at`, the
 * first right code; until then a new enrolment replaces it. Only `pass_second_factor()` moves `last_step`, the newest
 * 30-second step a code was accepted for, so that none is accepted twice.
 */
export const secondFactor = pgTable('second_factor', {
  userId: text('user_id')
    .primaryKey()
    .references(() => authUser.id, { onDelete: 'cascade' }),
  secretCipher: text('secret_cipher').notNull(),
  confirmedAt: instant('confirmed_at'),
  lastStep: bigint('last_step', { mode: 'number' }).notNull().default(0),
});

/**
 * The one-time code last sent to a phone; a new one replaces it. Only `verify_code()` judges it: five tries, ten
 * minutes, single use, over all nodes. Phone and code are keyed hashes.
 */
export const oneTimeCode = pgTable(
  'one_time_code',
  {
    phoneHash: text('phone_hash').primaryKey(),
    codeHash: text('code_hash').notNull(),
    sentAt: instant('sent_at').notNull(),
    expiresAt: instant('expires_at').notNull(),
    tries: integer().notNull().default(0),
    usedAt: instant('used_at'),
  },
  (t) => [
    check('one_time_code_tries', sql`${t.tries} between 0 and 5`),
    check('one_time_code_used_by_a_try', sql`${t.usedAt} is null or ${t.tries} > 0`),
  ],
);

/**
 * A counter of attempts in a window that ends at `ends_at`; one row a key, counted by `take_token()`, cleared away by
 * `sweep()`.
 */
export const rateWindow = pgTable(
  'rate_window',
  {
    key: text().primaryKey(),
    endsAt: instant('ends_at').notNull(),
    count: integer().notNull(),
  },
  (t) => [index('rate_window_ended').on(t.endsAt)],
);
