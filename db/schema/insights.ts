import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  customType,
  date,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { benefit } from './benefits.ts';
import { outlet } from './partners.ts';
import { tradeUnion } from './unions.ts';

const xid8 = customType<{ data: string }>({ dataType: () => 'xid8' });

/**
 * How far the pictures are counted: one row, which the chore holds while it counts. Everything booked before `through` is
 * in `use_day` and `borne_day`, and nothing else is: who reads adds what was booked since, off the live tables. The next
 * step ends at `until`, once no transaction before `seen` is under way any more, so that nothing is written there later.
 * `patterned` is the last day whose patterns were looked for.
 */
export const rollUp = pgTable(
  'roll_up',
  {
    isOnly: boolean('is_only').primaryKey().default(true),
    through: timestamp({ withTimezone: true }).notNull(),
    until: timestamp({ withTimezone: true }),
    seen: xid8(),
    patterned: date().notNull(),
  },
  (t) => [
    check('roll_up_only', sql`${t.isOnly}`),
    check('roll_up_seen', sql`(${t.until} is null) = (${t.seen} is null)`),
    check('roll_up_forward', sql`${t.until} > ${t.through}`),
  ],
);

/**
 * Uses by the local day they were booked on, by the union that owns the places, the member's home district and the host
 * district; an undone one counts against the day it was undone on. `paid_fen` is what unions pay partners for them, by
 * the day of its transfer. Only roll_up_step() writes it.
 */
export const useDay = pgTable(
  'use_day',
  {
    day: date().notNull(),
    ownerId: integer('owner_id')
      .notNull()
      .references(() => tradeUnion.id),
    homeId: integer('home_id').references(() => tradeUnion.id),
    hostId: integer('host_id')
      .notNull()
      .references(() => tradeUnion.id),
    redemptions: integer().notNull(),
    quantity: integer().notNull(),
    paidFen: bigint('paid_fen', { mode: 'number' }).notNull(),
  },
  (t) => [uniqueIndex('use_day_of').on(t.day, t.ownerId, sql`coalesce(${t.homeId}, 0)`, t.hostId)],
);

/** What a union bears, by the local day it was booked on: the sum of its legs in the ledger. Only roll_up_step() writes it. */
export const borneDay = pgTable(
  'borne_day',
  {
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    day: date().notNull(),
    fen: bigint({ mode: 'number' }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.unionId, t.day] })],
);

/**
 * How many members of a district used a benefit in a month, by age and by enterprise: drawn up once when the month is
 * over, and the same for ever. `members` is rounded, `users` blurred by a noise that is kept nowhere else, so that nobody
 * learns of one member from any two of them (`blurred`). A group has at least ten members; smaller ones stand together as
 * one, which `bands` names, or which is without a `union_id`. A district with fewer has one row that says nothing.
 */
export const takeUp = pgTable(
  'take_up',
  {
    month: date().notNull(),
    districtId: integer('district_id')
      .notNull()
      .references(() => tradeUnion.id),
    place: smallint().notNull(),
    split: text({ enum: ['age', 'enterprise', 'none'] }).notNull(),
    bands: text().array(),
    unionId: integer('union_id').references(() => tradeUnion.id),
    groups: integer().notNull(),
    members: integer().notNull(),
    users: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.month, t.districtId, t.split, t.place] }),
    index('take_up_union').on(t.unionId, t.month),
    check('take_up_month', sql`extract(day from ${t.month}) = 1`),
    check(
      'take_up_round',
      sql`${t.members} % 5 = 0 and ${t.users} % 5 = 0 and ${t.users} between 0 and ${t.members}`,
    ),
  ],
);

/**
 * What is unusual about an outlet's uses on one local day, drawn up when it is over: `in_a_minute`, the most in one
 * minute; `again`, uses by members who had used this partner often in the week; `apart`, uses by members who would have
 * had to travel too fast from their last outlet; `at_close`, in its last quarter of an hour or after it. Counts only, no
 * member.
 */
export const outletPattern = pgTable(
  'outlet_pattern',
  {
    day: date().notNull(),
    outletId: integer('outlet_id')
      .notNull()
      .references(() => outlet.id),
    uses: integer().notNull(),
    inAMinute: integer('in_a_minute').notNull(),
    again: integer().notNull(),
    apart: integer().notNull(),
    atClose: integer('at_close').notNull(),
  },
  (t) => [primaryKey({ columns: [t.day, t.outletId] })],
);

/**
 * What members of a district looked for in the catalogue and did not find, by local day: the word as `normalise` leaves
 * it, null where they only filtered, with the district and kind they asked for. No member stands here.
 */
export const searchMiss = pgTable(
  'search_miss',
  {
    day: date().notNull(),
    homeId: integer('home_id')
      .notNull()
      .references(() => tradeUnion.id),
    word: text(),
    districtId: integer('district_id').references(() => tradeUnion.id),
    kind: text({ enum: benefit.kind.enumValues }),
    times: integer().notNull(),
  },
  (t) => [
    uniqueIndex('search_miss_of').on(
      t.day,
      t.homeId,
      sql`coalesce(${t.word}, '')`,
      sql`coalesce(${t.districtId}, 0)`,
      sql`coalesce(${t.kind}, '')`,
    ),
    check('search_miss_word', sql`char_length(${t.word}) between 1 and 20`),
    check('search_miss_times', sql`${t.times} > 0`),
  ],
);

/**
 * How often a benefit was refused, by local day and reason: at a counter, by the outlet's district, or on its page in the
 * catalogue, by the member's home. No member stands here.
 */
export const refusalDay = pgTable(
  'refusal_day',
  {
    day: date().notNull(),
    benefitId: integer('benefit_id')
      .notNull()
      .references(() => benefit.id),
    districtId: integer('district_id')
      .notNull()
      .references(() => tradeUnion.id),
    place: text({ enum: ['counter', 'catalogue'] }).notNull(),
    reason: text().notNull(),
    times: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.day, t.benefitId, t.districtId, t.place, t.reason] }),
    check('refusal_day_times', sql`${t.times} > 0`),
  ],
);
