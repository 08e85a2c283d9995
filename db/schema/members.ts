import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  customType,
  date,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import { authUser } from './auth.ts';
import { tradeUnion } from './unions.ts';

export const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({
  dataType: () => 'bytea',
});

/**
 * A natural person. `id` is 52 random bits whose lowest six are `cell`; every table a member owns begins its key with
 * the cell (decision 8). Phone and number of the resident's ID card (GB 11643): keyed hash for look-up, AES-GCM for
 * reading (decision 15); one person is one row, whatever he changes. `family_size` multiplies limits that say so.
 * `erased_at`: he had his data deleted. What is left is a nameless row that the books refer to, and for three years what
 * the same person is known again by, so that his limits go on: the hash of his ID number, and `erased_mark` for a file
 * without one, of phone and name together. Who came back by that has the hash alone until a file names his number.
 */
export const member = pgTable(
  'member',
  {
    cell: smallint().notNull(),
    id: bigint({ mode: 'number' }).notNull(),
    userId: text('user_id').references(() => authUser.id),
    name: text().notNull(),
    phoneHash: text('phone_hash'),
    phoneCipher: bytea('phone_cipher'),
    idHash: text('id_hash'),
    idCipher: bytea('id_cipher'),
    bornOn: date('born_on'),
    familySize: smallint('family_size').notNull().default(1),
    tags: text()
      .array()
      .notNull()
      .default(sql`'{}'`),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    erasedAt: timestamp('erased_at', { withTimezone: true }),
    erasedMark: bytea('erased_mark'),
  },
  (t) => [
    primaryKey({ columns: [t.cell, t.id] }),
    uniqueIndex('member_phone').on(t.phoneHash),
    uniqueIndex('member_id_number').on(t.idHash),
    uniqueIndex('member_user').on(t.userId),
    index('member_erased')
      .on(t.erasedAt)
      .where(
        sql`${t.erasedAt} is not null and (${t.idHash} is not null or ${t.erasedMark} is not null)`,
      ),
    index('member_erased_mark')
      .on(t.erasedMark)
      .where(sql`${t.erasedMark} is not null`),
    check('member_family', sql`${t.familySize} between 1 and 20`),
    check(
      'member_sealed',
      sql`(${t.phoneHash} is null) = (${t.phoneCipher} is null) and (${t.idCipher} is null or ${t.idHash} is not null and ${t.erasedAt} is null)`,
    ),
    check(
      'member_cell',
      sql`${t.cell} between 0 and 63 and ${t.id} between 0 and 4503599627370495 and (${t.id} & 63) = ${t.cell}`,
    ),
  ],
);

/**
 * A dated membership in one enterprise union; at most one is open. A transfer closes one and opens the next. The
 * member's home district is the `district_id` of the open one's union.
 */
export const affiliation = pgTable(
  'affiliation',
  {
    cell: smallint().notNull(),
    memberId: bigint('member_id', { mode: 'number' }).notNull(),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    startedAt: timestamp('started_at', { withTimezone: true }).notNull(),
    endedAt: timestamp('ended_at', { withTimezone: true }),
    endReason: text('end_reason'),
  },
  (t) => [
    primaryKey({ columns: [t.cell, t.memberId, t.startedAt] }),
    foreignKey({ columns: [t.cell, t.memberId], foreignColumns: [member.cell, member.id] }),
    uniqueIndex('affiliation_open')
      .on(t.cell, t.memberId)
      .where(sql`${t.endedAt} is null`),
    index('affiliation_union').on(t.unionId),
    index('affiliation_ended')
      .on(t.endedAt)
      .where(sql`${t.endedAt} is not null`),
    check('affiliation_forward', sql`${t.endedAt} is null or ${t.endedAt} >= ${t.startedAt}`),
  ],
);

/**
 * Somebody who may show a member's card for him, on a phone of his own: one of the family whom the member named, or a
 * clerk of the member's union. What he does counts as the member's and is marked by the card it was done with. It counts
 * from `accepted_at`, when whoever was named said yes, until `ends_at` or `ended_at`, whichever is first; `label` is what
 * the member calls him, or the clerk's reason.
 */
export const proxy = pgTable(
  'proxy',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    cell: smallint().notNull(),
    memberId: bigint('member_id', { mode: 'number' }).notNull(),
    userId: text('user_id')
      .notNull()
      .references(() => authUser.id),
    kind: text({ enum: ['family', 'clerk'] }).notNull(),
    label: text().notNull(),
    namedBy: text('named_by').notNull(),
    startedAt: timestamp('started_at', { withTimezone: true }).notNull(),
    acceptedAt: timestamp('accepted_at', { withTimezone: true }),
    endsAt: timestamp('ends_at', { withTimezone: true }),
    endedAt: timestamp('ended_at', { withTimezone: true }),
  },
  (t) => [
    foreignKey({ columns: [t.cell, t.memberId], foreignColumns: [member.cell, member.id] }),
    uniqueIndex('proxy_open')
      .on(t.cell, t.memberId, t.userId)
      .where(sql`${t.endedAt} is null`),
    index('proxy_user').on(t.userId),
  ],
);

/**
 * The card on one phone: a 40-bit number whose top six bits are the cell. Taking it to another phone ends this row as
 * `replaced` and makes a new number. `phone_hash` is SHA-256 of the secret only that phone keeps, `phone_label` what the
 * member is told it was ("iPhone"). A member has at most one live card of his own, one printed one for the time without a
 * phone, whose static code goes with a look at his ID card, and one on the phone of each proxy. `expires_at` is the end of
 * a printed one's validity, which its code says as well. An ended proxy's card is `blocked`.
 */
export const card = pgTable(
  'card',
  {
    cell: smallint().notNull(),
    number: bigint({ mode: 'number' }).notNull(),
    memberId: bigint('member_id', { mode: 'number' }).notNull(),
    status: text({ enum: ['live', 'replaced', 'lost', 'blocked'] })
      .notNull()
      .default('live'),
    kind: text({ enum: ['phone', 'printed', 'proxy'] })
      .notNull()
      .default('phone'),
    proxyId: integer('proxy_id').references(() => proxy.id),
    phoneHash: text('phone_hash').notNull(),
    phoneLabel: text('phone_label').notNull(),
    enrolledAt: timestamp('enrolled_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }),
    endedAt: timestamp('ended_at', { withTimezone: true }),
  },
  (t) => [
    primaryKey({ columns: [t.cell, t.number] }),
    foreignKey({ columns: [t.cell, t.memberId], foreignColumns: [member.cell, member.id] }),
    uniqueIndex('card_live')
      .on(t.cell, t.memberId)
      .where(sql`${t.status} = 'live' and ${t.kind} = 'phone'`),
    uniqueIndex('card_printed_live')
      .on(t.cell, t.memberId)
      .where(sql`${t.status} = 'live' and ${t.kind} = 'printed'`),
    uniqueIndex('card_proxy_live')
      .on(t.proxyId)
      .where(sql`${t.status} = 'live'`),
    check('card_of_proxy', sql`(${t.kind} = 'proxy') = (${t.proxyId} is not null)`),
    check('card_expiry', sql`(${t.kind} = 'printed') = (${t.expiresAt} is not null)`),
    index('card_member').on(t.cell, t.memberId),
    index('card_ended')
      .on(t.endedAt)
      .where(sql`${t.endedAt} is not null`),
    check(
      'card_cell',
      sql`${t.number} between 0 and 1099511627775 and (${t.number} >> 34) = ${t.cell}`,
    ),
    check('card_ended', sql`(${t.status} = 'live') = (${t.endedAt} is null)`),
  ],
);
