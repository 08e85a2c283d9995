import { sql } from 'drizzle-orm';
import { check, jsonb, pgTable, smallint, timestamp } from 'drizzle-orm/pg-core';
import { bytea } from './members.ts';

/**
 * A key that signs passes. Published in the JWKS from `created_at`, signs from `signs_from` until the next one does,
 * verifies until `retires_at` (null: open end). `revoked_at` refuses every pass it signed, at once. The private JWK is
 * AES-GCM under the configured secret.
 */
export const signingKey = pgTable(
  'signing_key',
  {
    kid: smallint().primaryKey(),
    publicJwk: jsonb('public_jwk').$type<JsonWebKey>().notNull(),
    privateCipher: bytea('private_cipher').notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
    signsFrom: timestamp('signs_from', { withTimezone: true }).notNull(),
    retiresAt: timestamp('retires_at', { withTimezone: true }),
    revokedAt: timestamp('revoked_at', { withTimezone: true }),
  },
  (t) => [check('signing_key_kid', sql`${t.kid} between 1 and 255`)],
);
