import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import { allocation } from './allocations.ts';
import { benefit } from './benefits.ts';
import { member } from './members.ts';
import { outlet } from './partners.ts';
import { tradeUnion } from './unions.ts';

/**
 * What is asked at a sign-up. `id` names the answer; `max` is the most characters of a text and the highest number.
 * Nothing is ever asked for as a file.
 */
export type Question = {
  id: string;
  kind: 'choice' | 'text' | 'number';
  labelZh: string;
  labelEn: string;
  isRequired: boolean;
  options?: { id: string; labelZh: string; labelEn: string }[];
  min?: number;
  max?: number;
};

export type Answers = Record<string, string | number>;

/**
 * How a benefit with a `claim_kind` is claimed; one row a benefit. Claims are taken in [opens_at, closes_at).
 * `hold_minutes`: what is won has to be confirmed within so many, and before its session begins; null: it is confirmed at
 * once. Until `cancel_minutes` before a session begins cancelling costs nothing, later it leaves `late_cancel_weight`; who
 * does not come though attendance was recorded, `no_show_weight`. Who waits and is offered a place has `answer_minutes` to
 * answer. `door_minutes` before it begins a session's door opens. `walk_ins`: the organiser may let in at the door whom no
 * claim brings, while there is room.
 */
export const claimTerms = pgTable(
  'claim_terms',
  {
    benefitId: integer('benefit_id')
      .primaryKey()
      .references(() => benefit.id),
    opensAt: timestamp('opens_at', { withTimezone: true }).notNull(),
    closesAt: timestamp('closes_at', { withTimezone: true }).notNull(),
    holdMinutes: smallint('hold_minutes'),
    cancelMinutes: integer('cancel_minutes').notNull().default(0),
    hasWaitList: boolean('has_wait_list').notNull().default(true),
    answerMinutes: smallint('answer_minutes').notNull().default(60),
    needsApproval: boolean('needs_approval').notNull().default(false),
    doorMinutes: smallint('door_minutes').notNull().default(60),
    walkIns: boolean('walk_ins').notNull().default(false),
    questions: jsonb().$type<Question[]>().notNull().default([]),
    lateCancelWeight: smallint('late_cancel_weight').notNull().default(0),
    noShowWeight: smallint('no_show_weight').notNull().default(0),
    version: integer().notNull().default(1),
  },
  (t) => [
    check(
      'claim_terms_window',
      sql`${t.opensAt} < ${t.closesAt} and isfinite(${t.opensAt}) and isfinite(${t.closesAt})`,
    ),
    check(
      'claim_terms_minutes',
      sql`coalesce(${t.holdMinutes} between 1 and 1440, true) and ${t.cancelMinutes} between 0 and 43200 and ${t.answerMinutes} between 1 and 10080 and ${t.doorMinutes} between 0 and 1440`,
    ),
    check(
      'claim_terms_weights',
      sql`${t.lateCancelWeight} between 0 and 10 and ${t.noShowWeight} between 0 and 10`,
    ),
  ],
);

/**
 * A thing that can be claimed, with a capacity and one counter: a film at a time in a hall, an hour at the
 * photographer's, a class, a prize. `taken` are the units of its claims that hold one. `cap` is what may be taken now; a
 * wave adds to it when it is opened. Without times it is claimed for the benefit's own window. `price_fen` null: the
 * benefit's; it may be lower, never higher. Locked after the allocations, in id order.
 *
 * A room's (`is_room`) are made by who asks for it, for one claim each, and no two of one room that were not called off
 * overlap: an exclusion constraint (session_room_is_free, in the migration) holds it.
 */
export const session = pgTable(
  'session',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    benefitId: integer('benefit_id')
      .notNull()
      .references(() => benefit.id),
    titleZh: text('title_zh').notNull().default(''),
    titleEn: text('title_en').notNull().default(''),
    placeZh: text('place_zh').notNull().default(''),
    placeEn: text('place_en').notNull().default(''),
    outletId: integer('outlet_id').references(() => outlet.id),
    startsAt: timestamp('starts_at', { withTimezone: true }),
    endsAt: timestamp('ends_at', { withTimezone: true }),
    priceFen: integer('price_fen'),
    isRoom: boolean('is_room').notNull().default(false),
    cap: integer().notNull(),
    taken: integer().notNull().default(0),
    cancelledAt: timestamp('cancelled_at', { withTimezone: true }),
    cancelReason: text('cancel_reason'),
  },
  (t) => [
    index('session_benefit').on(t.benefitId, t.startsAt),
    index('session_outlet').on(t.outletId, t.startsAt),
    check('session_taken', sql`${t.taken} >= 0 and ${t.taken} <= ${t.cap} and ${t.cap} <= 1000000`),
    check(
      'session_times',
      sql`(${t.startsAt} is null) = (${t.endsAt} is null) and coalesce(${t.startsAt} < ${t.endsAt} and isfinite(${t.startsAt}) and isfinite(${t.endsAt}), true)`,
    ),
    check('session_price', sql`coalesce(${t.priceFen} >= 0, true)`),
    check('session_cancelled', sql`(${t.cancelledAt} is null) = (${t.cancelReason} is null)`),
  ],
);

/**
 * A room that an enterprise union shares; one row a benefit of the kind room, whose weekdays and hours are the room's.
 * `minutes_a_week` bounds what one company's members have of it together in a week from Monday. Locked after the members
 * and before the allocations: who asks for it comes one after the other.
 */
export const room = pgTable(
  'room',
  {
    benefitId: integer('benefit_id')
      .primaryKey()
      .references(() => benefit.id),
    placeZh: text('place_zh').notNull(),
    placeEn: text('place_en').notNull(),
    peopleMax: smallint('people_max').notNull(),
    minutesMin: smallint('minutes_min').notNull().default(30),
    minutesMax: smallint('minutes_max').notNull().default(240),
    minutesAWeek: integer('minutes_a_week').notNull(),
    daysAhead: smallint('days_ahead').notNull().default(30),
  },
  (t) => [
    check(
      'room_bounds',
      sql`${t.peopleMax} between 1 and 1000 and ${t.minutesMin} between 15 and ${t.minutesMax} and ${t.minutesMax} <= 1440 and ${t.minutesAWeek} between ${t.minutesMin} and 10080 and ${t.daysAhead} between 1 and 180`,
    ),
  ],
);

/**
 * Units of a drop that are let go at one instant. Claims of its first `entry_seconds` are entered and drawn once after
 * them, in an order that nobody knows before: by SHA-256 of `seed`, which is made then, and the claim's id. `opened_at`
 * is when that was done. Locked after the members and before the allocations.
 */
export const wave = pgTable(
  'wave',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    benefitId: integer('benefit_id')
      .notNull()
      .references(() => benefit.id),
    opensAt: timestamp('opens_at', { withTimezone: true }).notNull(),
    entrySeconds: smallint('entry_seconds').notNull().default(3),
    seed: text(),
    openedAt: timestamp('opened_at', { withTimezone: true }),
  },
  (t) => [
    unique('wave_instant').on(t.benefitId, t.opensAt),
    index('wave_due')
      .on(t.opensAt)
      .where(sql`${t.openedAt} is null`),
    check('wave_entry', sql`${t.entrySeconds} between 0 and 60 and isfinite(${t.opensAt})`),
    check('wave_opened', sql`(${t.openedAt} is null) = (${t.seed} is null)`),
  ],
);

/** How many units of a session a wave lets go. */
export const waveUnits = pgTable(
  'wave_units',
  {
    waveId: integer('wave_id')
      .notNull()
      .references(() => wave.id),
    sessionId: integer('session_id')
      .notNull()
      .references(() => session.id),
    units: integer().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.waveId, t.sessionId] }),
    check('wave_units_units', sql`${t.units} between 1 and 1000000`),
  ],
);

/**
 * What a claim may be; it goes forward only (claim_may). These hold a unit of their session and their
 * allocation: asked (the organiser has to say yes), held (to be confirmed until `answer_by`), offered (to who waited,
 * likewise) and confirmed. entered waits for a draw, waiting for a place. used, no_show, cancelled, expired (held too
 * long), lapsed (an offer not taken, or the wait in vain), lost (not drawn) and refused (the organiser said no) are
 * final; only the reversal of its redemption makes a used one confirmed again, or lapsed where its session was finished.
 */
export const claimStates = [
  'entered',
  'asked',
  'held',
  'waiting',
  'offered',
  'confirmed',
  'used',
  'no_show',
  'cancelled',
  'expired',
  'lapsed',
  'lost',
  'refused',
] as const;

export type ClaimState = (typeof claimStates)[number];

/**
 * A right taken before the visit. The id is made by who claims and ends with the member's cell. `at` is when it will be
 * used: its session's beginning, or when it was made; limits count it there, also once it is used. It takes `quantity`
 * units of its session and of one pool (`allocation_id`, null while it holds none), of which `used` were redeemed.
 * `turn` is its place in the wait list, or in the order that was drawn. `made_by`: who claimed for the member, null when
 * he did. `changed_by` null: the clock, a draw or the wait list did. Its row is locked last of all.
 */
export const claim = pgTable(
  'claim',
  {
    cell: smallint().notNull(),
    id: uuid().notNull(),
    memberId: bigint('member_id', { mode: 'number' }).notNull(),
    benefitId: integer('benefit_id')
      .notNull()
      .references(() => benefit.id),
    sessionId: integer('session_id').references(() => session.id),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    allocationId: integer('allocation_id').references(() => allocation.id),
    isTopped: boolean('is_topped').notNull().default(false),
    quantity: smallint().notNull(),
    used: smallint().notNull().default(0),
    state: text({ enum: claimStates }).notNull(),
    at: timestamp({ withTimezone: true }).notNull(),
    madeAt: timestamp('made_at', { withTimezone: true }).notNull(),
    madeBy: text('made_by'),
    answerBy: timestamp('answer_by', { withTimezone: true }),
    turn: bigint({ mode: 'number' }).notNull().generatedByDefaultAsIdentity(),
    answers: jsonb().$type<Answers>().notNull().default({}),
    /** The organiser saw him there; then `used` was not redeemed at a partner's. */
    attendedAt: timestamp('attended_at', { withTimezone: true }),
    changedAt: timestamp('changed_at', { withTimezone: true }).notNull(),
    changedBy: text('changed_by'),
    reason: text(),
  },
  (t) => [
    primaryKey({ columns: [t.cell, t.id] }),
    foreignKey({ columns: [t.cell, t.memberId], foreignColumns: [member.cell, member.id] }),
    // Not by the cell, which is in the member's id: while the table is small, a look-up by (cell, id) would take it too.
    index('claim_member').on(t.memberId, t.benefitId),
    index('claim_session').on(t.sessionId, t.state, t.turn),
    // For who lists all claims of a benefit and says so (+ 0): as a plain index it would be taken for one member's, too.
    index('claim_benefit').on(sql`(${t.benefitId} + 0)`, t.madeAt),
    index('claim_entered')
      .on(t.benefitId)
      .where(sql`${t.state} = 'entered'`),
    index('claim_due')
      .on(t.benefitId, t.answerBy)
      .where(sql`${t.state} in ('held', 'offered')`),
    check('claim_cell', sql`(get_byte(uuid_send(${t.id}), 15) & 63) = ${t.cell}`),
    check(
      'claim_quantity',
      sql`${t.quantity} between 1 and 100 and ${t.used} between 0 and ${t.quantity}`,
    ),
    check(
      'claim_used',
      sql`case ${t.state} when 'used' then ${t.used} > 0 when 'confirmed' then ${t.used} < ${t.quantity} else ${t.used} = 0 end`,
    ),
    check('claim_answer', sql`(${t.state} in ('held', 'offered')) = (${t.answerBy} is not null)`),
    check(
      'claim_place',
      sql`case when ${t.state} in ('asked', 'held', 'offered', 'confirmed', 'used') then ${t.allocationId} is not null when ${t.state} in ('entered', 'waiting') then ${t.allocationId} is null else true end`,
    ),
    check('claim_state', sql.raw(`state in (${claimStates.map((s) => `'${s}'`).join(', ')})`)),
  ],
);

/**
 * One change of one claim's state: its audit entry and what the member is told, in one row. Written by a trigger on
 * `claim`, so that no way to change one forgets it. Insert-only. Nothing but that trigger writes it and a claim is never
 * deleted, so no foreign key asks whether its claim exists: it would be asked for each of the thousands of a draw.
 */
export const claimEvent = pgTable(
  'claim_event',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    cell: smallint().notNull(),
    memberId: bigint('member_id', { mode: 'number' }).notNull(),
    claimId: uuid('claim_id').notNull(),
    before: text({ enum: claimStates }),
    state: text({ enum: claimStates }).notNull(),
    sessionId: integer('session_id'),
    by: text(),
    reason: text(),
    at: timestamp({ withTimezone: true }).notNull(),
  },
  (t) => [
    index('claim_event_member').on(t.cell, t.memberId, t.id),
    index('claim_event_claim').on(t.cell, t.claimId),
    index('claim_event_at').using('brin', t.at).with({ autosummarize: true }),
  ],
);

/**
 * What a late cancel or a no-show leaves with a member, for ninety days: it delays when he may claim again
 * (opening_delay), and shuts him out of nothing. His branch may lift it, with a reason. One of a kind a claim.
 */
export const mark = pgTable(
  'mark',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    cell: smallint().notNull(),
    memberId: bigint('member_id', { mode: 'number' }).notNull(),
    claimId: uuid('claim_id').notNull(),
    kind: text({ enum: ['late_cancel', 'no_show'] }).notNull(),
    weight: smallint().notNull(),
    at: timestamp({ withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    liftedAt: timestamp('lifted_at', { withTimezone: true }),
    liftedBy: text('lifted_by'),
    liftReason: text('lift_reason'),
  },
  (t) => [
    unique('mark_once').on(t.cell, t.claimId, t.kind),
    foreignKey({ columns: [t.cell, t.memberId], foreignColumns: [member.cell, member.id] }),
    foreignKey({ columns: [t.cell, t.claimId], foreignColumns: [claim.cell, claim.id] }),
    index('mark_member').on(t.cell, t.memberId),
    check('mark_weight', sql`${t.weight} between 1 and 10`),
    check(
      'mark_lifted',
      sql`num_nonnulls(${t.liftedAt}, ${t.liftedBy}, ${t.liftReason}) in (0, 3)`,
    ),
  ],
);

/**
 * A code that stands for one unit of an offer at the seller's. Free until a claim is confirmed, then that claim's for
 * good, whatever becomes of the claim: who has seen it may have used it. Which comes first in `place` is given first;
 * the stock of the offer's sessions is never more than its codes (a trigger, session_within_codes). Nobody reads it but its member.
 */
export const offerCode = pgTable(
  'offer_code',
  {
    benefitId: integer('benefit_id')
      .notNull()
      .references(() => benefit.id),
    code: text().notNull(),
    place: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    cell: smallint(),
    claimId: uuid('claim_id'),
    givenAt: timestamp('given_at', { withTimezone: true }),
  },
  (t) => [
    primaryKey({ columns: [t.benefitId, t.code] }),
    foreignKey({ columns: [t.cell, t.claimId], foreignColumns: [claim.cell, claim.id] }),
    index('offer_code_free')
      .on(t.benefitId, t.place)
      .where(sql`${t.claimId} is null`),
    index('offer_code_claim')
      .on(t.cell, t.claimId)
      .where(sql`${t.claimId} is not null`),
    check('offer_code_given', sql`num_nonnulls(${t.cell}, ${t.claimId}, ${t.givenAt}) in (0, 3)`),
    check('offer_code_code', sql`${t.code} ~ '^[!-~]{4,64}$'`),
  ],
);

/** Up to which event a member has read what he was told of his claims; no row: none. */
export const inboxMark = pgTable(
  'inbox_mark',
  {
    cell: smallint().notNull(),
    memberId: bigint('member_id', { mode: 'number' }).notNull(),
    readThrough: bigint('read_through', { mode: 'number' }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.cell, t.memberId] }),
    foreignKey({ columns: [t.cell, t.memberId], foreignColumns: [member.cell, member.id] }),
  ],
);

/** How many more tickets an entry has than the one that each has: who has never won, and who bears a tag. */
export type DrawWeights = { neverWon?: number; tags?: Record<string, number> };

/**
 * A draw by lot that nobody can steer and anybody can recompute; one row a benefit. Before sign-up begins `commitment`
 * is told, SHA-256 of `secret` (32 bytes, hex), and which public number will be taken (`number_zh`). When sign-up is over
 * the list of pseudonyms and weights is closed and its SHA-256 told (`list_hash`). Then two persons enter the number,
 * which nobody knew before, and `seed` = SHA-256(secret ‖ list_hash ‖ number) decides. `secret` is told only then. Locked
 * after the members and before the allocations; an entry holds it shared, so that the list misses none.
 */
export const draw = pgTable(
  'draw',
  {
    benefitId: integer('benefit_id')
      .primaryKey()
      .references(() => benefit.id),
    secret: text().notNull(),
    commitment: text().notNull(),
    committedAt: timestamp('committed_at', { withTimezone: true }).notNull(),
    numberZh: text('number_zh').notNull(),
    numberEn: text('number_en').notNull(),
    weights: jsonb().$type<DrawWeights>().notNull().default({}),
    listHash: text('list_hash'),
    listedAt: timestamp('listed_at', { withTimezone: true }),
    number: text(),
    seed: text(),
    drawnAt: timestamp('drawn_at', { withTimezone: true }),
  },
  (t) => [
    check(
      'draw_commitment',
      sql`${t.commitment} = encode(sha256(decode(${t.secret}, 'hex')), 'hex') and length(${t.secret}) = 64`,
    ),
    check('draw_listed', sql`(${t.listHash} is null) = (${t.listedAt} is null)`),
    check(
      'draw_drawn',
      sql`num_nonnulls(${t.number}, ${t.seed}, ${t.drawnAt}) in (0, 3) and (${t.drawnAt} is null or ${t.listedAt} is not null)`,
    ),
    check(
      'draw_seed',
      sql`${t.seed} is null or ${t.seed} = encode(sha256(decode(${t.secret} || ${t.listHash}, 'hex') || convert_to(${t.number}, 'UTF8')), 'hex')`,
    ),
  ],
);

/**
 * One entry in the closed list of a draw: its member knows his claim, and with it the pseudonym; nobody else does. A
 * weight of n is n tickets; `place` is where its best one came, from 1. Insert-only but for that.
 */
export const drawEntry = pgTable(
  'draw_entry',
  {
    benefitId: integer('benefit_id')
      .notNull()
      .references(() => draw.benefitId),
    pseudonym: text().notNull(),
    cell: smallint().notNull(),
    claimId: uuid('claim_id').notNull(),
    weight: smallint().notNull(),
    place: integer(),
  },
  (t) => [
    primaryKey({ columns: [t.benefitId, t.pseudonym] }),
    unique('draw_entry_claim').on(t.cell, t.claimId),
    unique('draw_entry_place').on(t.benefitId, t.place),
    foreignKey({ columns: [t.cell, t.claimId], foreignColumns: [claim.cell, claim.id] }),
    check('draw_entry_weight', sql`${t.weight} between 1 and 100`),
  ],
);
