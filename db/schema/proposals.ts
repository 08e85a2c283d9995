import { sql } from 'drizzle-orm';
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';
import { tradeUnion } from './unions.ts';

/** What may take two persons. */
export const proposalActions = [
  'budget.set',
  'allocation.set',
  'funding.set',
  'opening.open',
  'admission.set',
  'adjustment.make',
  'statement.pay',
  'threshold.set',
  'draw.run',
] as const;

/**
 * What one person of a union proposes and another has to confirm: money, or quotas above the union's `two_person_fen`.
 * Nothing of it is done before. It is judged again when it is confirmed: another natural person than the proposer, both
 * with the role at that moment, and the subject still as it was (`subject_version`). `state` leaves open once.
 */
export const proposal = pgTable(
  'proposal',
  {
    id: integer().primaryKey().generatedByDefaultAsIdentity(),
    unionId: integer('union_id')
      .notNull()
      .references(() => tradeUnion.id),
    action: text({ enum: proposalActions }).notNull(),
    subject: text().notNull(),
    subjectId: text('subject_id').notNull(),
    /** What the subject was like when it was looked at: a version, or a digest of what is replaced. */
    subjectVersion: text('subject_version').notNull(),
    payload: jsonb().$type<Record<string, unknown>>().notNull(),
    amountFen: bigint('amount_fen', { mode: 'number' }).notNull(),
    reason: text().notNull(),
    proposedBy: text('proposed_by').notNull(),
    proposedAt: timestamp('proposed_at', { withTimezone: true }).notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
    state: text({ enum: ['open', 'confirmed', 'declined', 'withdrawn', 'stale'] })
      .notNull()
      .default('open'),
    decidedBy: text('decided_by'),
    decidedAt: timestamp('decided_at', { withTimezone: true }),
    decisionReason: text('decision_reason'),
  },
  (t) => [
    index('proposal_union').on(t.unionId, t.id),
    index('proposal_subject').on(t.subject, t.subjectId),
    check(
      'proposal_decided',
      sql`(${t.state} = 'open') = (${t.decidedAt} is null) and (${t.decidedBy} is null) = (${t.decidedAt} is null)`,
    ),
    check(
      'proposal_by_another',
      sql`${t.state} <> 'confirmed' or ${t.decidedBy} <> ${t.proposedBy}`,
    ),
  ],
);
