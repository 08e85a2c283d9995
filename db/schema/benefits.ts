import { sql } from 'drizzle-orm';
import {
  check,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  index,
} from 'drizzle-orm/pg-core';
import { partner } from './partners.ts';
import { tradeUnion } from './unions.ts';

/**
 * Who may use a benefit. Every key that is present must hold: home district, a union on the member's path, age in whole
 * years, at least one tag. `{}` is everybody.
 */
export type Audience = {
  districts?: number[];
  unions?: number[];
  age?: { min?: number; max?: number };
  tags?: string[];
};

/**
 * What a member gets. Its window: [starts_at, ends_at), the weekdays (ISO, 1 = Monday) and minutes after local midnight.
 * `limit_count` units a member in each `limit_period`. `price_fen` is what the partner is paid a unit, `face_value_fen`
 * what the member would pay without it. `valid_districts` null: at outlets of every district. `cap`, when set, bounds the
 * sum of its allocations.
 */
export const benefit = pgTable(
  'benefit',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    kind: text({ enum: ['cinema', 'car_wash', 'park', 'family', 'bookshop', 'gym'] }).notNull(),
    titleZh: text('title_zh').notNull(),
    titleEn: text('title_en').notNull(),
    summaryZh: text('summary_zh').notNull(),
    summaryEn: text('summary_en').notNull(),
    priceFen: integer('price_fen').notNull(),
    faceValueFen: integer('face_value_fen').notNull(),
    startsAt: timestamp('starts_at', { withTimezone: true }).notNull(),
    endsAt: timestamp('ends_at', { withTimezone: true }).notNull(),
    weekdays: smallint()
      .array()
      .notNull()
      .default(sql`'{1,2,3,4,5,6,7}'`),
    opensMinute: smallint('opens_minute').notNull().default(0),
    closesMinute: smallint('closes_minute').notNull().default(1440),
    audience: jsonb().$type<Audience>().notNull().default({}),
    validDistricts: integer('valid_districts').array(),
    quantityMax: smallint('quantity_max').notNull().default(1),
    limitCount: integer('limit_count').notNull(),
    limitPeriod: text('limit_period', { enum: ['day', 'week', 'month', 'total'] }).notNull(),
    cap: integer(),
    pausedAt: timestamp('paused_at', { withTimezone: true }),
    pauseReason: text('pause_reason'),
    version: integer().notNull().default(1),
  },
  (t) => [
    index('benefit_union').on(t.unionId),
    check(
      'benefit_price',
      sql`${t.priceFen} >= 0 and ${t.faceValueFen} >= ${t.priceFen} and ${t.priceFen} <= 100000000`,
    ),
    check(
      'benefit_window',
      sql`${t.startsAt} < ${t.endsAt} and isfinite(${t.startsAt}) and isfinite(${t.endsAt})`,
    ),
    check(
      'benefit_hours',
      sql`${t.opensMinute} between 0 and 1439 and ${t.closesMinute} between 1 and 1440 and ${t.opensMinute} < ${t.closesMinute}`,
    ),
    check(
      'benefit_weekdays',
      sql`cardinality(${t.weekdays}) between 1 and 7 and ${t.weekdays} <@ '{1,2,3,4,5,6,7}'::smallint[]`,
    ),
    check(
      'benefit_limit',
      sql`${t.limitCount} between 1 and 10000 and ${t.quantityMax} between 1 and 100`,
    ),
    check('benefit_cap', sql`${t.cap} is null or ${t.cap} >= 0`),
    check('benefit_pause', sql`(${t.pausedAt} is null) = (${t.pauseReason} is null)`),
  ],
);

/** A partner that may give a benefit: its outlets are where the benefit can be used. */
export const benefitPartner = pgTable(
  'benefit_partner',
  {
    benefitId: integer('benefit_id')
      .notNull()
      .references(() => benefit.id),
    partnerId: integer('partner_id')
      .notNull()
      .references(() => partner.id),
    admittedAt: timestamp('admitted_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.benefitId, t.partnerId] }),
    index('benefit_partner_partner').on(t.partnerId),
  ],
);
