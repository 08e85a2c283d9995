import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  date,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import { authUser } from './auth.ts';
import { bytea, member } from './members.ts';
import { tradeUnion } from './unions.ts';

const instant = (name: string) => timestamp(name, { withTimezone: true });

/** What a column of the file may hold; `unit` is the enterprise union, found below `branch` and `district` if they are named. */
export const fields = [
  'name',
  'phone',
  'idNumber',
  'unit',
  'branch',
  'district',
  'bornOn',
  'tags',
  'familySize',
] as const;
export type Field = (typeof fields)[number];

/** For each field the number of its column, counted from 0; a field that is not there is not changed. */
export type Columns = Partial<Record<Field, number>>;

/** Why a dry run ended before the file did: no table, or more rows than one import takes. */
export const importFailures = ['file_unreadable', 'rows_too_many'] as const;

/** Why a row is not taken in, in the order in which it is found. */
export const rowProblems = [
  'row_malformed',
  'name_invalid',
  'identity_missing',
  'number_rounded',
  'phone_invalid',
  'id_number_invalid',
  'id_number_check_digit',
  'born_invalid',
  'tags_invalid',
  'family_invalid',
  'unit_missing',
  'unit_unknown',
  'unit_ambiguous',
  'duplicate_in_file',
  'id_number_differs',
  'phone_of_another',
  'member_elsewhere',
  'changed_meanwhile',
] as const;
export type RowProblem = (typeof rowProblems)[number];

/** What an undo did with a row that had been written, or why it left it alone. */
export const undoOutcomes = ['undone', 'has_card', 'was_used', 'changed_since'] as const;

export type Counts = Partial<
  Record<
    | 'new'
    | 'changed'
    | 'unchanged'
    | 'leaving'
    | 'rejected'
    | 'kept'
    | 'undone'
    | 'notUndone'
    | 'notBack',
    number
  >
>;

/**
 * A file with which a union takes in its own members, and how far that has come: uploading → uploaded (the columns are
 * chosen) → checking (a dry run, row by row) → checked → committing → done → undoing → undone; cancelled before anything
 * was written, failed where the file cannot be read (`failure`). `position` is the byte of the file at which reading goes
 * on, always the beginning of a record; `row` the last row read; `written` the last one committed or undone. Each step
 * moves them in the transaction of its work, so a step lost or done twice at once changes nothing. `is_complete`: the
 * file is declared to name every member of the union, so whoever is missing leaves.
 */
export const memberImport = pgTable(
  'member_import',
  {
    id: uuid().primaryKey(),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    userId: text('user_id')
      .notNull()
      .references(() => authUser.id),
    fileName: text('file_name').notNull(),
    bytes: bigint({ mode: 'number' }).notNull(),
    digest: text(),
    encoding: text({ enum: ['utf-8', 'gb18030'] }),
    delimiter: text(),
    columns: jsonb().$type<Columns>(),
    isComplete: boolean('is_complete').notNull().default(false),
    state: text({
      enum: [
        'uploading',
        'uploaded',
        'checking',
        'checked',
        'committing',
        'done',
        'undoing',
        'undone',
        'cancelled',
        'failed',
      ],
    })
      .notNull()
      .default('uploading'),
    failure: text({ enum: importFailures }),
    position: bigint({ mode: 'number' }).notNull().default(0),
    row: integer().notNull().default(0),
    written: integer().notNull().default(0),
    counts: jsonb().$type<Counts>().notNull().default({}),
    workedUntil: instant('worked_until'),
    createdAt: instant('created_at').notNull(),
    doneAt: instant('done_at'),
    endedAt: instant('ended_at'),
  },
  (t) => [
    index('member_import_union').on(t.unionId, t.createdAt),
    index('member_import_open')
      .on(t.id)
      .where(sql`${t.state} in ('checking', 'committing', 'undoing')`),
    check('member_import_bytes', sql`${t.bytes} between 1 and 268435456`),
    check(
      'member_import_done',
      sql`${t.doneAt} is null or ${t.state} in ('done', 'undoing', 'undone')`,
    ),
  ],
);

/**
 * One part of an import's file, all of the same size but the last, sealed with AES-GCM: it holds names and numbers in
 * plain text. Gone when the import can no longer be undone.
 */
export const memberImportPart = pgTable(
  'member_import_part',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => memberImport.id, { onDelete: 'cascade' }),
    number: integer().notNull(),
    bytes: integer().notNull(),
    digest: text().notNull(),
    isUtf8: boolean('is_utf8').notNull(),
    isText: boolean('is_text').notNull(),
    cipher: bytea().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.importId, t.number] }),
    check('member_import_part_number', sql`${t.number} between 0 and 1023`),
  ],
);

/**
 * One row of an import as it was read, numbers hashed and sealed, with the dry run's verdict; `problem` says why it is
 * rejected. `member_id` is the member it is about, whose cell is its lowest six bits: the one who is known, or the one it
 * will make. `before`: what an undo puts back; `undone`: what became of that. Gone when the import can no longer be undone.
 * No foreign key to the import: it is never deleted, and to ask for it would cost a fifth of a row.
 */
export const memberImportRow = pgTable(
  'member_import_row',
  {
    importId: uuid('import_id').notNull(),
    row: integer().notNull(),
    verdict: text({ enum: ['new', 'changed', 'unchanged', 'rejected'] }).notNull(),
    problem: text({ enum: rowProblems }),
    isKnown: boolean('is_known').notNull(),
    memberId: bigint('member_id', { mode: 'number' }),
    unionId: integer('union_id'),
    name: text(),
    phoneHash: text('phone_hash'),
    phoneCipher: bytea('phone_cipher'),
    idHash: text('id_hash'),
    idCipher: bytea('id_cipher'),
    bornOn: date('born_on'),
    tags: text().array(),
    familySize: smallint('family_size'),
    before: jsonb(),
    undone: text({ enum: undoOutcomes }),
  },
  (t) => [
    primaryKey({ columns: [t.importId, t.row] }),
    check(
      'member_import_row_rejected',
      sql`(${t.verdict} = 'rejected') = (${t.problem} is not null)`,
    ),
  ],
);

/** A member whom a complete file no longer names; `ended_at` once he left by it, gone where an undo did not bring him back. */
export const memberImportLeaver = pgTable(
  'member_import_leaver',
  {
    importId: uuid('import_id')
      .notNull()
      .references(() => memberImport.id, { onDelete: 'cascade' }),
    memberId: bigint('member_id', { mode: 'number' }).notNull(),
    unionId: integer('union_id').notNull(),
    endedAt: instant('ended_at'),
  },
  (t) => [primaryKey({ columns: [t.importId, t.memberId] })],
);

/**
 * Another union asks for a member who has an affiliation already: open until the member or his union agrees or declines;
 * his union's silence agrees at `agrees_at`. Done by `transfer_member()`, which closes one affiliation and opens the next.
 */
export const affiliationTransfer = pgTable(
  'affiliation_transfer',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    cell: smallint().notNull(),
    memberId: bigint('member_id', { mode: 'number' }).notNull(),
    fromUnionId: integer('from_union_id')
      .notNull()
      .references(() => tradeUnion.id),
    toUnionId: integer('to_union_id')
      .notNull()
      .references(() => tradeUnion.id),
    askedBy: text('asked_by')
      .notNull()
      .references(() => authUser.id),
    reason: text().notNull(),
    askedAt: instant('asked_at').notNull(),
    agreesAt: instant('agrees_at').notNull(),
    state: text({ enum: ['open', 'done', 'declined', 'void'] })
      .notNull()
      .default('open'),
    decidedBy: text('decided_by', { enum: ['member', 'union', 'silence'] }),
    decisionReason: text('decision_reason'),
    decidedAt: instant('decided_at'),
  },
  (t) => [
    foreignKey({
      columns: [t.cell, t.memberId],
      foreignColumns: [member.cell, member.id],
    }),
    index('affiliation_transfer_from').on(t.fromUnionId, t.state),
    index('affiliation_transfer_to').on(t.toUnionId, t.state),
    uniqueIndex('affiliation_transfer_open')
      .on(t.cell, t.memberId, t.toUnionId)
      .where(sql`${t.state} = 'open'`),
    index('affiliation_transfer_due')
      .on(t.agreesAt)
      .where(sql`${t.state} = 'open'`),
    check('affiliation_transfer_decided', sql`(${t.state} = 'open') = (${t.decidedAt} is null)`),
  ],
);
