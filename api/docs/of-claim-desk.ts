import * as z from 'zod';
import { benefit as benefitTable, claimKinds } from '../../db/schema/benefits.ts';
import { prizeChanges } from '../claims/draw-fixed.ts';
import { lacks } from '../claims/missing.ts';
import { claimState, question } from './of-claims.ts';
import type { Operations } from './operation.ts';
import { fen, id, instant, kind, named, next, uuid } from './shapes.ts';

const tag = 'Claims';

const terms = z.object({
  kind: z.enum(claimKinds),
  opensAt: instant.describe('A drop’s is its first wave instead'),
  closesAt: instant,
  holdMinutes: z.int().nullable(),
  cancelMinutes: z.int(),
  hasWaitList: z.boolean(),
  answerMinutes: z.int(),
  needsApproval: z.boolean(),
  doorMinutes: z.int(),
  walkIns: z.boolean(),
  questions: z.array(question),
  lateCancelWeight: z.int(),
  noShowWeight: z.int(),
  version: z.int(),
});

const session = z.object({
  id,
  titleZh: z.string(),
  titleEn: z.string(),
  placeZh: z.string(),
  placeEn: z.string(),
  outlet: named.nullable(),
  startsAt: instant.nullable(),
  endsAt: instant.nullable(),
  priceFen: fen.nullable(),
  cap: z.int(),
  taken: z.int(),
  toCome: z.int().describe('Units of waves to come'),
  cancelledAt: instant.nullable(),
  cancelReason: z.string().nullable(),
  entered: z.int(),
  asked: z.int(),
  held: z.int(),
  confirmed: z.int(),
  waiting: z.int(),
  used: z.int(),
  noShow: z.int(),
});

const desk = z.object({
  serverTime: instant,
  benefit: z.object({
    id,
    union: named,
    kind,
    titleZh: z.string(),
    titleEn: z.string(),
    stage: z.enum(benefitTable.stage.enumValues),
    startsAt: instant,
    endsAt: instant,
    priceFen: fen,
    quantityMax: z.int(),
    places: z.int().describe('Of its allocations, without which nobody can claim'),
    outlets: z.array(named).describe('Where its sessions may be'),
  }),
  terms: terms.nullable(),
  missing: z
    .array(z.enum(lacks))
    .describe('Without which nobody could claim anything, and it is not published'),
  changes: z.array(z.enum(prizeChanges)).describe('What may still be done to its sessions'),
  isClaimed: z.boolean().describe('What kind of claim it is stays then'),
  sessions: z.array(session),
  waves: z.array(
    z.object({
      id,
      opensAt: instant,
      entrySeconds: z.int(),
      openedAt: instant.nullable(),
      units: z.array(z.object({ session: id, units: z.int() })),
    }),
  ),
  can: z.object({ set: z.boolean(), decide: z.boolean() }),
});

const claimant = z.object({
  id: uuid,
  name: z.string().describe('Whole for who keeps the members of his union, else masked'),
  union: named,
  session: z
    .object({ id, titleZh: z.string(), titleEn: z.string(), startsAt: instant.nullable() })
    .nullable(),
  quantity: z.int(),
  state: claimState,
  answers: z.record(z.string(), z.union([z.string(), z.number()])),
  madeAt: instant,
  at: instant,
  isForOther: z.boolean().describe('Somebody else claimed it for him'),
  attendedAt: instant.nullable(),
  reason: z.string().nullable(),
});

const drop = z.object({
  serverTime: instant,
  claimsASecond: z.number().describe('Over the last ten seconds'),
  made: z.int(),
  entered: z.int(),
  held: z.int(),
  confirmed: z.int(),
  waiting: z.int(),
  sessions: z.array(
    z.object({ id, cap: z.int(), taken: z.int(), waiting: z.int(), toCome: z.int() }),
  ),
  wave: z.object({ opensAt: instant, entrySeconds: z.int(), units: z.int() }).nullable(),
});

/** What organisers set up, see and decide of what is claimed. */
export const ofClaimDesk = {
  'GET /api/benefits/:id/claim-terms': {
    tag,
    summary: 'How a benefit is claimed, and how far that has come',
    caller: 'officer',
    answers: { 200: desk },
  },
  'PUT /api/benefits/:id/claim-terms': {
    tag,
    summary: 'Say how a benefit is claimed',
    caller: 'officer',
    answers: { 200: z.object({ version: z.int() }) },
    refusals: [
      'benefit_ended',
      'claims_need_network',
      'changed_meanwhile',
      'claims_exist',
      'draw_committed',
    ],
  },
  'POST /api/benefits/:id/sessions': {
    tag,
    summary: 'Add sessions, one or a series',
    caller: 'officer',
    answers: { 201: z.object({ ids: z.array(id) }) },
    refusals: ['benefit_ended', 'claims_not_set', 'partner_not_admitted'],
  },
  'PUT /api/claim-sessions/:id/cap': {
    tag,
    summary: 'Set how many units of a session may be taken; more are offered to who waits first',
    caller: 'officer',
    answers: { 200: z.object({ cap: z.int() }) },
    refusals: [
      'benefit_ended',
      'claims_not_set',
      'session_cancelled',
      'cap_below_used',
      'codes_bound',
    ],
  },
  'POST /api/claim-sessions/:id/cancellation': {
    tag,
    summary: 'Call a session off; whoever claimed it is told why',
    caller: 'officer',
    answers: { 200: z.object({ cancelled: z.int().describe('How many claims ended by it') }) },
    refusals: ['benefit_ended', 'session_cancelled', 'session_over'],
  },
  'POST /api/benefits/:id/waves': {
    tag,
    summary: 'Let go units of a drop’s sessions at an instant to come',
    caller: 'officer',
    answers: { 201: z.object({ id }) },
    refusals: ['benefit_ended', 'claims_not_set', 'session_unknown'],
  },
  'GET /api/benefits/:id/claimants': {
    tag,
    summary: 'Who has claimed it, in the order in which they came',
    caller: 'officer',
    answers: { 200: z.object({ claimants: z.array(claimant), next }) },
  },
  'GET /api/benefits/:id/claimants.csv': {
    tag,
    summary: 'The same as a file, with a column for each question',
    caller: 'officer',
    answers: { 200: 'text/csv' },
  },
  'GET /api/benefits/:id/drop': {
    tag,
    summary: 'A drop while it runs; to be polled',
    caller: 'officer',
    answers: { 200: drop },
  },
  'POST /api/claims/:id/decision': {
    tag,
    summary: 'Approve or refuse a claim that asks',
    caller: 'officer',
    answers: { 200: z.object({ state: claimState }) },
    refusals: ['claim_ended'],
  },
} satisfies Operations;
