import * as z from 'zod';
import { claimStates } from '../../db/schema/claims.ts';
import { reasons } from '../../db/schema/reasons.ts';
import { claimSession } from './of-claims.ts';
import type { Operations } from './operation.ts';
import { id, instant, named, next, title, uuid } from './shapes.ts';

const tag = 'Claims';
const state = z.enum(claimStates);

const session = claimSession
  .safeExtend({
    doorAt: instant.nullable().describe('From when members are checked in'),
    benefit: title,
    cap: z.int(),
    expected: z.int().describe('Units that are claimed'),
    in: z.int().describe('Those of them that are in'),
    walkIns: z
      .int()
      .nullable()
      .describe('How many may be let in without a claim now; null where none may'),
    isAtPartner: z.boolean().describe('Attendance is the card’s redemption at the outlet'),
    claims: z.array(
      z.object({
        id: uuid,
        name: z.string().describe('Masked, but for who keeps the member’s records'),
        code: z.string().describe('The end of the claim’s id'),
        quantity: z.int(),
        used: z.int(),
        state,
        inAt: instant.nullable(),
        canAttend: z.boolean(),
        canUndo: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'Door', description: 'A session and whom to expect at its door' });

const seen = z.object({
  outcome: z.enum(['attended', 'already_in', 'claim_needed']),
  maskedName: z.string(),
  cell: z.int().describe('The last six bits of the id of a claim that is made for him'),
  claim: uuid.nullable(),
  quantity: z.int().nullable(),
  at: instant.nullable().describe('Since when he is in'),
  walkIn: z
    .object({ ticket: z.string(), left: z.int() })
    .nullable()
    .describe('He has no claim, and may be let in by this ticket for five minutes'),
});

const letIn = z.object({ id: uuid, state, maskedName: z.string(), quantity: z.int() });
const attendance = z.object({ state, quantity: z.int(), at: instant.nullable() });

const ofMark = {
  id,
  kind: z.enum(['late_cancel', 'no_show']),
  weight: z.int(),
  at: instant,
  expiresAt: instant,
  liftedAt: instant.nullable(),
  liftReason: z.string().nullable(),
  benefit: title,
  session: z
    .object({ titleZh: z.string(), titleEn: z.string(), startsAt: instant.nullable() })
    .nullable(),
};

const marks = z.object({
  marks: z.array(
    z.object({
      ...ofMark,
      isLive: z.boolean().describe('It delays him now'),
      member: z.object({ id: z.int(), name: z.string() }),
      unit: named,
    }),
  ),
  next,
});

const ownMarks = z.object({
  delaySeconds: z.int().describe('How much later than others he may claim now'),
  until: instant.nullable().describe('When the next of what delays him is over'),
  marks: z.array(z.object(ofMark)),
});

const claimable = z.object({
  benefits: z.array(
    title.safeExtend({
      claimKind: z.enum(['drop', 'draw', 'slot', 'sign_up', 'offer']),
      opensAt: instant.nullable(),
      closesAt: instant,
      isOpen: z.boolean(),
      quantityMax: z.int(),
      hasWaitList: z.boolean(),
      questions: z.array(z.looseObject({ id: z.string(), kind: z.string() })),
      sessions: z.array(
        z.object({
          id,
          titleZh: z.string(),
          titleEn: z.string(),
          startsAt: instant.nullable(),
          left: z.int(),
        }),
      ),
    }),
  ),
});

const ofPass = reasons.slice(reasons.indexOf('card_unknown'), reasons.indexOf('benefit_unknown'));
const ofClaim = reasons
  .slice(reasons.indexOf('benefit_unknown'))
  .filter((reason) => !reason.startsWith('claim_') && !reason.startsWith('partner_'));

/** The door of a session, and what becomes of who does not come. */
export const ofDoor = {
  'GET /api/outlets/:id/door': {
    tag,
    summary: 'An outlet’s sessions of a day and whom to expect; to be polled with its ETag',
    caller: 'operator',
    answers: { 200: z.object({ on: z.iso.date(), sessions: z.array(session) }), 304: null },
  },
  'GET /api/claim-sessions/:id/door': {
    tag,
    summary: 'One session and whom to expect, for who organises it; to be polled with its ETag',
    caller: 'officer',
    answers: { 200: session, 304: null },
  },
  'POST /api/claim-sessions/:id/attendance': {
    tag,
    summary: 'Check a member in by his card; once a claim, however often it is shown',
    caller: 'officer',
    answers: { 200: seen },
    refusals: [
      'pass_invalid',
      'pass_of_another_city',
      'too_many_attempts',
      'id_check_required',
      'id_check_failed',
      'printed_card_expired',
      ...ofPass,
      'claim_not_now',
      'attendance_at_partner',
    ],
  },
  'POST /api/claim-sessions/:id/walk-ins': {
    tag,
    summary: 'Let in whom no claim brings, by the ticket of a scan, while there is room',
    caller: 'person',
    answers: { 200: letIn, 201: letIn },
    refusals: [
      'ticket_invalid',
      'id_not_of_card',
      ...ofPass,
      'exists_with_different_content',
      'no_walk_ins',
      ...ofClaim.filter((reason) => reason !== 'pass_already_used'),
      'partner_paused',
      'partner_not_admitted',
      'session_full',
      'busy',
    ],
  },
  'POST /api/claims/:id/attendance': {
    tag,
    summary: 'Tick a claim by hand: its member came',
    caller: 'officer',
    answers: { 200: attendance },
    refusals: ['claim_ended', 'attendance_at_partner', 'claim_not_now'],
  },
  'DELETE /api/claims/:id/attendance': {
    tag,
    summary: 'Take a wrong tick back, until the session is finished',
    caller: 'officer',
    answers: { 200: attendance },
    refusals: ['claim_ended', 'claim_not_now'],
  },
  'POST /api/claims/:id/no-show': {
    tag,
    summary:
      'Say that nobody came, once a session is over and until it is finished; a room’s within three days',
    caller: 'officer',
    answers: { 200: attendance },
    refusals: ['claim_ended', 'attendance_at_partner', 'claim_not_now', 'benefit_paused'],
  },
  'GET /api/unions/:id/marks': {
    tag,
    summary: 'The marks that late cancels and no-shows left with the union’s members',
    caller: 'officer',
    answers: { 200: marks },
  },
  'POST /api/marks/:id/lift': {
    tag,
    summary: 'Take a mark from a member, with a reason; it delays him no more',
    caller: 'officer',
    answers: { 200: z.object({ id, liftedAt: instant }) },
    refusals: ['changed_meanwhile'],
  },
  'GET /api/me/marks': {
    tag,
    summary: 'The caller’s own marks, and by how much they delay him',
    caller: 'member',
    answers: { 200: ownMarks },
  },
  'GET /api/unions/:id/claimable': {
    tag,
    summary: 'What a union’s clerk may claim for its members now or soon',
    caller: 'officer',
    answers: { 200: claimable },
  },
} satisfies Operations;
