import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  char,
  check,
  index,
  integer,
  pgTable,
  smallint,
  text,
} from 'drizzle-orm/pg-core';

/**
 * A node of the tree city → district → street or industry → enterprise. `path` holds the ids from the city down to the
 * union itself and is kept by a trigger, so that "in the scope of X" is `X = any(path)`. A district is the union at
 * level 2 and carries its GB/T 2260 code; `district_id` names the district above any deeper union (itself at level 2).
 * `two_person_fen`: above this, money and quotas take two persons here.
 */
export const tradeUnion = pgTable(
  'trade_union',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    parentId: integer('parent_id').references((): AnyPgColumn => tradeUnion.id),
    kind: text({ enum: ['city', 'district', 'street', 'industry', 'enterprise'] }).notNull(),
    level: smallint().notNull(),
    path: integer()
      .array()
      .notNull()
      .default(sql`'{}'`),
    districtId: integer('district_id').references((): AnyPgColumn => tradeUnion.id),
    districtCode: char('district_code', { length: 6 }).unique(),
    nameZh: text('name_zh').notNull(),
    nameEn: text('name_en').notNull(),
    twoPersonFen: bigint('two_person_fen', { mode: 'number' }).notNull().default(1_000_000),
  },
  (t) => [
    check('trade_union_two_person', sql`${t.twoPersonFen} >= 0`),
    index('trade_union_path').using('gin', t.path),
    index('trade_union_parent').on(t.parentId),
    check(
      'trade_union_level_of_kind',
      sql`${t.level} = case ${t.kind} when 'city' then 1 when 'district' then 2 when 'enterprise' then 4 else 3 end`,
    ),
    check('trade_union_path_ends_here', sql`${t.path}[cardinality(${t.path})] = ${t.id}`),
    check(
      'trade_union_district',
      sql`(${t.level} = 1) = (${t.districtId} is null) and (${t.level} = 2) = (${t.districtCode} is not null)`,
    ),
    check('trade_union_root', sql`(${t.level} = 1) = (${t.parentId} is null)`),
  ],
);
