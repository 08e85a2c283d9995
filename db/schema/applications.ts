import { sql } from 'drizzle-orm';
import { check, index, integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { authUser } from './auth.ts';
import { bytea } from './members.ts';
import { type outlet, partner } from './partners.ts';
import { tradeUnion } from './unions.ts';

/** An outlet as its company describes it. */
export type AppliedOutlet = Pick<
  typeof outlet.$inferInsert,
  | 'districtId'
  | 'nameZh'
  | 'nameEn'
  | 'addressZh'
  | 'addressEn'
  | 'latitude'
  | 'longitude'
  | 'hours'
>;

/**
 * A company that asks a district to become its partner. submitted until an officer of that district asks back (asked; the
 * applicant answers by submitting it anew), accepts or declines it; the last two, and withdrawn, are its end. Accepting
 * makes the partner, its outlets, and the applicant its manager. `reason` is the officer's last word. `licence` is the
 * unified social credit code (GB 32100); the phone of the contact is sealed (decision 15).
 */
export const application = pgTable(
  'application',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    userId: text('user_id')
      .notNull()
      .references(() => authUser.id),
    districtId: integer('district_id')
      .notNull()
      .references(() => tradeUnion.id),
    kind: text({ enum: partner.kind.enumValues }).notNull(),
    nameZh: text('name_zh').notNull(),
    nameEn: text('name_en').notNull(),
    licence: text().notNull(),
    contactName: text('contact_name').notNull(),
    contactPhoneCipher: bytea('contact_phone_cipher').notNull(),
    outlets: jsonb().$type<AppliedOutlet[]>().notNull(),
    state: text({ enum: ['submitted', 'asked', 'accepted', 'declined', 'withdrawn'] })
      .notNull()
      .default('submitted'),
    reason: text(),
    submittedAt: timestamp('submitted_at', { withTimezone: true }).notNull(),
    decidedAt: timestamp('decided_at', { withTimezone: true }),
    partnerId: integer('partner_id').references(() => partner.id),
    version: integer().notNull().default(1),
  },
  (t) => [
    index('application_user').on(t.userId, t.id),
    index('application_district').on(t.districtId, t.id),
    check('application_licence', sql`${t.licence} ~ '^[0-9A-HJ-NPQRTUWXY]{18}$'`),
    check(
      'application_accepted',
      sql`(${t.state} = 'accepted') = (${t.partnerId} is not null) and (${t.state} = 'submitted' or ${t.decidedAt} is not null)`,
    ),
  ],
);
