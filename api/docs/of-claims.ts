import * as z from 'zod';
import { claimKinds } from '../../db/schema/benefits.ts';
import { claimStates } from '../../db/schema/claims.ts';
import { claimReasons, reasons } from '../../db/schema/reasons.ts';
import type { ProblemCode } from '../errors.ts';
import type { Operations } from './operation.ts';
import { fen, id, instant, title, uuid } from './shapes.ts';

export const claimState = z.enum(claimStates).meta({
  id: 'ClaimState',
  description:
    'asked, held, offered and confirmed hold a place; entered waits for a draw, waiting for a place; the rest is final',
});

export const claimSession = z
  .object({
    id,
    titleZh: z.string(),
    titleEn: z.string(),
    placeZh: z.string(),
    placeEn: z.string(),
    startsAt: instant.nullable(),
    endsAt: instant.nullable(),
    cancelReason: z.string().nullable(),
  })
  .meta({ id: 'Session', description: 'A thing that can be claimed, with its time and place' });

const claim = z
  .object({
    id: uuid,
    state: claimState,
    quantity: z.int(),
    used: z.int(),
    at: instant,
    madeAt: instant,
    answerBy: instant.nullable().describe('Until when what is held or offered is to be confirmed'),
    ahead: z.int().nullable().describe('How many wait before it; at most 1000 are counted'),
    reason: z.string().nullable(),
    benefit: title.safeExtend({ claimKind: z.enum(claimKinds) }),
    session: claimSession.nullable(),
    canConfirm: z.boolean(),
    canCancel: z.boolean(),
    canMove: z.boolean(),
    lateFrom: instant.nullable().describe('From then on cancelling leaves a mark'),
    codes: z.array(z.string()).describe('One a unit, where the seller gave codes'),
  })
  .meta({ id: 'Claim', description: 'A right taken before the visit' });

const held = claim.safeExtend({
  holder: z.string().nullable().describe('The masked name of whose it is, if not the caller’s'),
});

const claimed = z.object({
  id: uuid,
  state: claimState,
  at: instant,
  madeAt: instant,
  answerBy: instant.nullable(),
});

const changed = z.object({ state: claimState, isLate: z.boolean().describe('It left a mark') });

export const question = z.object({
  id: z.string(),
  kind: z.enum(['choice', 'text', 'number']),
  labelZh: z.string(),
  labelEn: z.string(),
  isRequired: z.boolean(),
  options: z
    .array(z.object({ id: z.string(), labelZh: z.string(), labelEn: z.string() }))
    .optional(),
  min: z.int().optional(),
  max: z.int().optional(),
});

const page = z.object({
  serverTime: instant,
  kind: z.enum(claimKinds),
  opensAt: instant
    .nullable()
    .describe('For this member: marks may delay it; null for a drop without a wave'),
  closesAt: instant,
  isDelayed: z.boolean(),
  holdMinutes: z.int().nullable(),
  cancelMinutes: z.int(),
  hasWaitList: z.boolean(),
  answerMinutes: z.int(),
  needsApproval: z.boolean(),
  lateCancelWeight: z.int(),
  noShowWeight: z.int(),
  quantityMax: z.int(),
  memberFen: fen,
  faceValueFen: fen,
  hasCodes: z.boolean(),
  questions: z.array(question),
  people: z
    .array(
      z.object({
        member: z.string().nullable().describe('For PUT /api/claims/:id; null for the caller'),
        maskedName: z.string().nullable(),
        cell: z.int().describe('The lowest six bits that the id of a claim has to have'),
        opensAt: instant.nullable(),
        isDelayed: z.boolean(),
        tickets: z.int().nullable().describe('In the draw; null where there is none'),
      }),
    )
    .describe('The caller, and for whom he may claim'),
  own: z.array(held).describe('What these have claimed of it'),
  waves: z.array(z.object({ opensAt: instant, entrySeconds: z.int(), units: z.int() })),
  sessions: z.array(
    claimSession.safeExtend({
      cap: z.int(),
      priceFen: fen.nullable(),
      left: z.int(),
      held: z.int().describe('Places held or offered, and not confirmed yet'),
      waiting: z.int(),
      toCome: z.int().describe('Places of later waves'),
    }),
  ),
});

const inbox = z.object({
  items: z.array(
    z.object({
      id,
      at: instant,
      before: claimState.nullable(),
      state: claimState,
      reason: z.string().nullable(),
      isRead: z.boolean(),
      claim,
    }),
  ),
  unread: z.int().describe('At most 100 are counted'),
  next: id.nullable(),
});

const unread = z.object({ unread: z.int().describe('At most 100 are counted') });

const ofBenefit = reasons.slice(
  reasons.indexOf('benefit_unknown'),
  reasons.indexOf('quantity_too_large') + 1,
);

const refusedClaim: ProblemCode[] = [
  'exists_with_different_content',
  ...ofBenefit.filter((reason) => !reason.startsWith('claim_')),
  'member_left',
  'limit_reached',
  'category_limit_reached',
  'quota_exhausted',
  ...claimReasons.slice(0, claimReasons.indexOf('session_full') + 1),
  'busy',
];

/** What members claim before they visit. */
export const ofClaims = {
  'PUT /api/claims/:id': {
    tag: 'Claims',
    summary: 'Claim a place, for oneself or for whom one acts; the id is made by the caller',
    caller: 'person',
    answers: { 200: claimed, 201: claimed },
    refusals: refusedClaim,
  },
  'POST /api/claims/:id/confirmation': {
    tag: 'Claims',
    summary: 'Confirm what is held or was offered',
    caller: 'person',
    answers: { 200: changed },
    refusals: ['claim_expired', 'claim_ended', 'limit_reached', 'category_limit_reached'],
  },
  'POST /api/claims/:id/cancellation': {
    tag: 'Claims',
    summary: 'Give it up; who waits is offered its place',
    caller: 'person',
    answers: { 200: changed },
    refusals: ['claim_used', 'code_given', 'claim_ended', 'session_over'],
  },
  'POST /api/claims/:id/move': {
    tag: 'Claims',
    summary: 'Take it to another session of its benefit',
    caller: 'person',
    answers: { 200: changed },
    refusals: [
      'claim_ended',
      'claim_move_too_late',
      'session_unknown',
      'session_cancelled',
      'session_over',
      ...ofBenefit.filter((reason) => !reason.startsWith('claim_')),
      'limit_reached',
      'category_limit_reached',
      'session_full',
      'quota_exhausted',
    ],
  },
  'GET /api/claims/:id': {
    tag: 'Claims',
    summary: 'One claim, and how many wait before it',
    caller: 'person',
    answers: { 200: claim },
  },
  'GET /api/claims/:id/calendar': {
    tag: 'Claims',
    summary: 'Its session for the phone’s calendar (RFC 5545)',
    caller: 'person',
    answers: { 200: 'text/calendar' },
  },
  'GET /api/me/claims': {
    tag: 'Claims',
    summary: 'The claims of the caller and of whom he acts for: of a year, and all to come',
    caller: 'member',
    answers: { 200: z.object({ serverTime: instant, claims: z.array(held) }) },
  },
  'GET /api/benefits/:id/claims': {
    tag: 'Claims',
    summary: 'What may be claimed of a benefit, from when, and by which rules',
    caller: 'member',
    answers: { 200: page },
  },
  'GET /api/me/inbox': {
    tag: 'Claims',
    summary: 'What became of the caller’s claims, the newest first',
    caller: 'member',
    answers: { 200: inbox },
  },
  'GET /api/me/inbox/unread': {
    tag: 'Claims',
    summary: 'How much of it is new; to be polled',
    caller: 'member',
    answers: { 200: unread },
  },
  'PUT /api/me/inbox/read': {
    tag: 'Claims',
    summary: 'All up to this one was seen',
    caller: 'member',
    answers: { 200: unread },
  },
} satisfies Operations;
