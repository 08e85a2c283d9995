import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { outlet } from './partners.ts';

/** An ECDSA key on P-256 as a phone gives it away: never its private half. */
export type DeviceKey = { kty: 'EC'; crv: 'P-256'; x: string; y: string };

/**
 * A phone of an outlet that may redeem without a network. It signs what it uploads with a key that never leaves it.
 * `judged_seq`: every offline scan up to this number has its verdict, or was declared lost by the union. `seen_at` is
 * its last word. `revoked_at` ends it at once: no more leases, and what it still uploads is looked at by the union.
 */
export const device = pgTable(
  'device',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    outletId: integer('outlet_id')
      .notNull()
      .references(() => outlet.id),
    name: text().notNull(),
    publicJwk: jsonb('public_jwk').$type<DeviceKey>().notNull(),
    pairedBy: text('paired_by').notNull(),
    pairedAt: timestamp('paired_at', { withTimezone: true }).notNull(),
    seenAt: timestamp('seen_at', { withTimezone: true }).notNull(),
    judgedSeq: integer('judged_seq').notNull().default(0),
    revokedAt: timestamp('revoked_at', { withTimezone: true }),
  },
  (t) => [
    index('device_outlet').on(t.outletId),
    check('device_judged_seq', sql`${t.judgedSeq} >= 0`),
  ],
);

/**
 * An invitation for one phone, shown as a QR for ten minutes and used once. Only the SHA-256 of its code is kept, in hex.
 */
export const devicePairing = pgTable('device_pairing', {
  codeHash: text('code_hash').primaryKey(),
  outletId: integer('outlet_id')
    .notNull()
    .references(() => outlet.id),
  name: text().notNull(),
  madeBy: text('made_by').notNull(),
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  usedAt: timestamp('used_at', { withTimezone: true }),
});
