import { sql } from 'drizzle-orm';
import {
  boolean,
  check,
  date,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  index,
} from 'drizzle-orm/pg-core';
import { kinds, partner } from './partners.ts';
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
 * Who bears a part of the price. owner: the union that owns the charged allocation. city: the root of the tree. home: the
 * pool's district; in the shared pool, whose district nobody knows beforehand, the pool's owner. host: the outlet's
 * district. headquarters: the district that contracted the partner, also for its branches elsewhere. enterprise: the
 * member's own union. discount: the partner. co_payment: the member, at the counter.
 */
export const payers = [
  'owner',
  'city',
  'home',
  'host',
  'headquarters',
  'enterprise',
  'discount',
  'co_payment',
] as const;

export type Payer = (typeof payers)[number];

/**
 * One share of a funding rule, in the rule's order: an amount in fen a unit, or parts of what the amounts leave. `capFen`
 * is the most a unit costs this payer. `split()` is the one home of the arithmetic.
 */
export type Share = { payer: Payer; amountFen?: number; parts?: number; capFen?: number };

/** How a benefit is claimed before the visit; design.md's words are 抢票, 摇号, 预约, 报名, 活动室 and 会员价. */
export const claimKinds = ['drop', 'draw', 'slot', 'sign_up', 'room', 'offer'] as const;

export type ClaimKind = (typeof claimKinds)[number];

/**
 * What a member gets. Its window: [starts_at, ends_at), the weekdays (ISO, 1 = Monday) and minutes after local midnight.
 * `limit_count` units a member in each `limit_period`. `price_fen` is what the partner is paid a unit, `face_value_fen`
 * what the member would pay without it; a partner's own terms may be lower, never higher. `valid_districts` null: at
 * outlets of every district. `cap`, when set, bounds the sum of its allocations in each `quota_period`.
 *
 * `stage` goes forward only; paused is apart from it. `funding` null: the owner of the charged places pays all.
 * `limit_period` rolling: the `limit_days` days before a use. `limit_family`: the limit is times the member's family.
 * `claim_kind` null: it is used by walking in; else a claim comes first, as its claim_terms say, and a use uses that up.
 * `printed_limit` is the lower limit of a printed card. `held_by`: a union above has restricted it, and only its officers,
 * or those above it, change or resume it.
 */
export const benefit = pgTable(
  'benefit',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    kind: text({ enum: kinds }).notNull(),
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
    claimKind: text('claim_kind', { enum: claimKinds }),
    limitCount: integer('limit_count').notNull(),
    limitPeriod: text('limit_period', {
      enum: ['day', 'week', 'month', 'total', 'rolling'],
    }).notNull(),
    limitDays: smallint('limit_days'),
    limitFamily: boolean('limit_family').notNull().default(false),
    printedLimit: smallint('printed_limit').notNull().default(1),
    stage: text({ enum: ['draft', 'test', 'published', 'ended'] })
      .notNull()
      .default('published'),
    funding: jsonb().$type<Share[]>(),
    quotaPeriod: text('quota_period', { enum: ['month', 'total'] })
      .notNull()
      .default('total'),
    heldBy: integer('held_by').references(() => tradeUnion.id),
    /** It is held by a pause from above, and freed with it; a restriction that was set stays. */
    isHeldByPause: boolean('is_held_by_pause').notNull().default(false),
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
    check(
      'benefit_rolling',
      sql`(${t.limitPeriod} = 'rolling') = (${t.limitDays} is not null) and coalesce(${t.limitDays} between 1 and 366, true)`,
    ),
    check('benefit_printed_limit', sql`${t.printedLimit} between 0 and 100`),
    check('benefit_cap', sql`${t.cap} is null or ${t.cap} >= 0`),
    check('benefit_pause', sql`(${t.pausedAt} is null) = (${t.pauseReason} is null)`),
  ],
);

/** So many units in a period; `days` are those of a rolling one. */
export type Limit = {
  count: number;
  period: (typeof benefit.$inferSelect)['limitPeriod'];
  days: number | null;
};

/**
 * The admission of a partner to a benefit, with its terms; only a `live` one redeems. `price_fen` null: the benefit's own.
 * `cap_a_day` bounds its uses on one day in Asia/Shanghai, counted in `used_on_day` of the newest `day` it was used on;
 * `cap` bounds them in all, counted in `used`: an admission whose benefit charges its host or headquarters has one, for
 * that much is reserved. `outlet_ids` null: every outlet. Locked after the allocations and before the leases.
 */
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
    state: text({ enum: ['testing', 'live', 'paused', 'ended'] })
      .notNull()
      .default('live'),
    stateReason: text('state_reason'),
    priceFen: integer('price_fen'),
    capADay: integer('cap_a_day'),
    day: date(),
    usedOnDay: integer('used_on_day').notNull().default(0),
    cap: integer(),
    used: integer().notNull().default(0),
    outletIds: integer('outlet_ids').array(),
    isOfflineAllowed: boolean('is_offline_allowed').notNull().default(true),
  },
  (t) => [
    primaryKey({ columns: [t.benefitId, t.partnerId] }),
    check(
      'benefit_partner_used',
      sql`${t.used} >= 0 and ${t.usedOnDay} >= 0 and coalesce(${t.used} <= ${t.cap}, true)`,
    ),
    check(
      'benefit_partner_terms',
      sql`coalesce(${t.priceFen} >= 0, true) and coalesce(${t.capADay} >= 1, true) and coalesce(${t.cap} >= 0, true)`,
    ),
    index('benefit_partner_partner').on(t.partnerId),
  ],
);

/**
 * How often a member below a union may use all benefits of one kind together, in a period of the calendar. Held besides
 * the limits of the benefits themselves.
 */
export const categoryLimit = pgTable(
  'category_limit',
  {
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    kind: text({ enum: benefit.kind.enumValues }).notNull(),
    limitCount: integer('limit_count').notNull(),
    limitPeriod: text('limit_period', { enum: ['day', 'week', 'month'] }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.unionId, t.kind] }),
    check('category_limit_count', sql`${t.limitCount} between 1 and 10000`),
  ],
);
