import { sql } from 'drizzle-orm';
import {
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { authUser } from './auth.ts';
import { tradeUnion } from './unions.ts';

/** What a benefit is of, and what a partner gives. For those of `health` and `hardship` nobody is ever marked. */
export const kinds = [
  'cinema',
  'car_wash',
  'park',
  'family',
  'bookshop',
  'gym',
  'photo',
  'driving',
  'activity',
  'room',
  'shop',
  'health',
  'hardship',
] as const;

/**
 * Who accepts cards: a company with one or more outlets. `union_id` is the district that contracted it and pays it, where
 * a chain has its headquarters. Paused or ended, it redeems nothing. `licence` is its unified social credit code.
 */
export const partner = pgTable(
  'partner',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    kind: text({ enum: kinds }).notNull(),
    nameZh: text('name_zh').notNull(),
    nameEn: text('name_en').notNull(),
    licence: text(),
    pausedAt: timestamp('paused_at', { withTimezone: true }),
    pauseReason: text('pause_reason'),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    endReason: text('end_reason'),
  },
  (t) => [
    index('partner_union').on(t.unionId),
    uniqueIndex('partner_licence')
      .on(t.licence)
      .where(sql`${t.endedAt} is null`),
    check(
      'partner_pause',
      sql`(${t.pausedAt} is null) = (${t.pauseReason} is null) and (${t.endedAt} is null) = (${t.endReason} is null)`,
    ),
  ],
);

/** Opening times of one weekday, minutes after local midnight; an outlet's list has Monday first, null when shut. */
export type OpeningHours = ({ opens: number; closes: number } | null)[];

/**
 * Where cards are accepted. `district_id` is the host district. Coordinates are WGS-84 degrees; hours are for people to
 * read, a redemption does not look at them. `closed_by`: the union that closed it, and only its officers, or those above
 * it, open it again.
 */
export const outlet = pgTable(
  'outlet',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    partnerId: integer('partner_id')
      .notNull()
      .references(() => partner.id),
    districtId: integer('district_id')
      .notNull()
      .references(() => tradeUnion.id),
    nameZh: text('name_zh').notNull(),
    nameEn: text('name_en').notNull(),
    addressZh: text('address_zh').notNull(),
    addressEn: text('address_en').notNull(),
    latitude: doublePrecision().notNull(),
    longitude: doublePrecision().notNull(),
    hours: jsonb().$type<OpeningHours>().notNull(),
    closedAt: timestamp('closed_at', { withTimezone: true }),
    closedBy: integer('closed_by').references(() => tradeUnion.id),
    closeReason: text('close_reason'),
  },
  (t) => [
    index('outlet_partner').on(t.partnerId),
    index('outlet_district').on(t.districtId),
    check(
      'outlet_on_earth',
      sql`${t.latitude} between -90 and 90 and ${t.longitude} between -180 and 180`,
    ),
  ],
);

/**
 * A person who scans for a partner (`operator`: at the outlets listed in `operator_outlet`) or runs it (`manager`: all
 * its outlets, and names its operators). One user may serve several partners, each in one role. `suspended_at` acts at
 * the next request; who was removed is suspended too, and may be invited anew. `invited_at`: the manager named his phone;
 * until he signs in he is only expected.
 */
export const operator = pgTable(
  'operator',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    userId: text('user_id')
      .notNull()
      .references(() => authUser.id),
    partnerId: integer('partner_id')
      .notNull()
      .references(() => partner.id),
    role: text({ enum: ['operator', 'manager'] }).notNull(),
    suspendedAt: timestamp('suspended_at', { withTimezone: true }),
    /** What the manager calls him; null: his own name. */
    name: text(),
    invitedAt: timestamp('invited_at', { withTimezone: true }),
    removedAt: timestamp('removed_at', { withTimezone: true }),
  },
  (t) => [
    check('operator_removed', sql`${t.removedAt} is null or ${t.suspendedAt} is not null`),
    unique('operator_of_partner').on(t.userId, t.partnerId),
    index('operator_partner').on(t.partnerId),
  ],
);

/** The outlets an operator may scan at. */
export const operatorOutlet = pgTable(
  'operator_outlet',
  {
    operatorId: integer('operator_id')
      .notNull()
      .references(() => operator.id),
    outletId: integer('outlet_id')
      .notNull()
      .references(() => outlet.id),
  },
  (t) => [primaryKey({ columns: [t.operatorId, t.outletId] })],
);
