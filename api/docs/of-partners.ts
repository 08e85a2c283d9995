import * as z from 'zod';
import { application as applicationTable } from '../../db/schema/applications.ts';
import { notice as noticeTable } from '../../db/schema/notices.ts';
import { problemCodes } from '../errors.ts';
import type { Operations } from './operation.ts';
import { fen, id, instant, kind, named, next, proposed, title, uuid } from './shapes.ts';

const tag = 'Console';

const standing = z.enum(['live', 'paused', 'ended']);
const admissionState = z.enum(['testing', 'live', 'paused', 'ended']);
const nextId = id.nullable().describe('`after` of the next page; null at the end');

const hours = z
  .array(z.object({ opens: z.int(), closes: z.int() }).nullable())
  .describe('Minutes after midnight, Monday first; null: shut');

const place = { addressZh: z.string(), addressEn: z.string(), hours };

const partner = named.extend({
  kind,
  union: named,
  state: standing,
  outlets: z.array(named.extend({ district: named, isClosed: z.boolean() })),
});

const partnerWhole = named.extend({
  kind,
  union: named.describe('The district that contracted it, where a chain has its headquarters'),
  licence: z.string().nullable(),
  state: standing,
  reason: z.string().nullable(),
  canEdit: z.boolean(),
  operators: z.int(),
  outlets: z.array(
    named.extend({
      ...place,
      latitude: z.number(),
      longitude: z.number(),
      district: named,
      isClosed: z.boolean(),
      closeReason: z.string().nullable(),
      canClose: z.boolean(),
      devices: z.int(),
    }),
  ),
  admissions: z.array(
    z.object({
      benefit: title,
      union: named,
      state: admissionState,
      terms: z
        .object({
          priceFen: fen,
          capADay: z.int().nullable(),
          cap: z.int().nullable(),
          used: z.int(),
          isOfflineAllowed: z.boolean(),
        })
        .nullable()
        .describe('For those whose money it is'),
    }),
  ),
});

const terms = {
  priceFen: fen.nullable().describe('null: the price of the benefit'),
  capADay: z.int().nullable(),
  cap: z.int().nullable(),
  outletIds: z.array(id).nullable().describe('null: every outlet'),
  isOfflineAllowed: z.boolean(),
};

const admissionWhole = z.object({
  ...terms,
  partner: named.extend({ union: named }),
  state: admissionState,
  stateReason: z.string().nullable(),
  admittedAt: instant,
  used: z.int(),
  usedToday: z.int(),
  canChange: z.boolean(),
  passedAt: instant.nullable().describe('When a test redemption was last accepted'),
  lastTrial: z.object({ at: instant, outcome: z.enum(['accepted', ...problemCodes]) }).nullable(),
});

const admission = z.object({ benefitId: id, partnerId: id, state: admissionState });

const taking = z.object({
  id: uuid,
  at: instant,
  bookedAt: instant,
  reversedAt: instant.nullable(),
  benefit: title,
  outlet: named,
  quantity: z.int(),
  priceFen: fen,
  owedFen: fen.describe('What the unions owe the partner for it'),
  coPaymentFen: fen.describe('What the member paid at the counter'),
  isVariance: z.boolean(),
});

const operator = z.object({
  id,
  role: z.enum(['operator', 'manager']),
  name: z.string(),
  partner: named,
  outlets: z.array(named),
  suspendedAt: instant.nullable(),
  isExpected: z.boolean().describe('Invited, and not signed in since'),
});
const suspension = z.object({ id, suspendedAt: instant.nullable() });

const applicationState = z.enum(applicationTable.state.enumValues);

const appliedOutlet = z.object({
  ...place,
  districtId: id,
  nameZh: z.string(),
  nameEn: z.string(),
  latitude: z.number(),
  longitude: z.number(),
});

const application = named.extend({
  kind,
  licence: z.string(),
  contactName: z.string(),
  outlets: z.array(appliedOutlet),
  state: applicationState,
  reason: z.string().nullable(),
  version: z.int(),
  district: named,
  submittedAt: instant,
  decidedAt: instant.nullable(),
});

const submitted = z.object({
  id,
  version: z.int(),
  state: z.enum(['submitted', 'withdrawn']),
});

const notice = z.object({
  id,
  change: z.enum(noticeTable.change.enumValues),
  benefit: title.nullable(),
  partner: named.nullable(),
  outlet: named.nullable(),
  reason: z.string().nullable(),
  at: instant,
  isYours: z.boolean().describe('The member used it there in the last 90 days'),
});

export const ofPartners = {
  'GET /api/partners': {
    tag,
    summary: 'Partners of every district, with their outlets',
    caller: 'officer',
    answers: { 200: z.object({ partners: z.array(partner), next: nextId }) },
  },
  'GET /api/partners/:id': {
    tag,
    summary: 'A partner, its outlets, and the benefits it gives',
    caller: 'officer',
    answers: { 200: partnerWhole },
  },
  'PUT /api/partners/:id/state': {
    tag,
    summary: 'Pause a partner in all its benefits, let it go on, or end it for good',
    caller: 'administrator',
    answers: { 200: z.object({ id, state: standing }) },
    refusals: ['changed_meanwhile'],
  },
  'POST /api/partners/:id/outlets': {
    tag,
    summary: 'Add a branch, in whatever district',
    caller: 'administrator',
    answers: { 201: z.object({ id }) },
  },
  'PUT /api/outlets/:id/closure': {
    tag,
    summary: 'Close an outlet or open it again, by its district or its partner’s',
    caller: 'administrator',
    answers: { 200: z.object({ id, isClosed: z.boolean() }) },
    refusals: ['changed_meanwhile'],
  },
  'GET /api/benefits/:id/partners': {
    tag,
    summary: 'A benefit’s partners, their terms and how their tests went',
    caller: 'officer',
    answers: { 200: z.object({ admissions: z.array(admissionWhole), canAdmit: z.boolean() }) },
  },
  'PUT /api/benefits/:id/partners/:partner': {
    tag,
    summary: 'Let a partner give a benefit on these terms; a new one begins with testing',
    caller: 'administrator',
    answers: { 200: admission, 202: z.object({ proposal: proposed }) },
    refusals: ['changed_meanwhile', 'cap_below_used'],
  },
  'PUT /api/benefits/:id/partners/:partner/state': {
    tag,
    summary: 'Open an admission that was tested, pause it, or end it',
    caller: 'administrator',
    answers: { 200: admission },
    refusals: ['changed_meanwhile', 'trial_missing'],
  },
  'DELETE /api/benefits/:id/partners/:partner': {
    tag,
    summary: 'A partner gives a benefit no more',
    caller: 'administrator',
    answers: { 200: admission },
  },
  'GET /api/applications': {
    tag,
    summary: 'Companies that ask the caller’s unions to become partners, newest first',
    caller: 'officer',
    answers: {
      200: z.object({
        applications: z.array(
          named.extend({
            kind,
            state: applicationState,
            district: named,
            outlets: z.int(),
            submittedAt: instant,
          }),
        ),
        next: nextId,
      }),
    },
  },
  'GET /api/applications/:id': {
    tag,
    summary: 'One application whole, with its contact',
    caller: 'officer',
    answers: {
      200: application.extend({
        contactPhone: z.string(),
        districts: z.array(named),
        partnerId: id.nullable(),
        existing: named.nullable().describe('A partner with the same licence'),
        canDecide: z.boolean(),
      }),
    },
  },
  'POST /api/applications/:id/decision': {
    tag,
    summary: 'Ask back, accept or decline an application',
    caller: 'administrator',
    answers: {
      200: z.object({ id, state: applicationState, partnerId: id.nullable() }),
    },
    refusals: ['changed_meanwhile', 'application_own', 'partner_exists'],
  },
  'POST /api/applications': {
    tag: 'Counter',
    summary: 'Apply to become a partner',
    caller: 'person',
    answers: { 201: submitted },
    refusals: ['too_many_attempts', 'phone_invalid'],
  },
  'GET /api/me/applications': {
    tag: 'Counter',
    summary: 'What the caller applied for, and what became of it',
    caller: 'person',
    answers: { 200: z.object({ applications: z.array(application) }) },
  },
  'PUT /api/me/applications/:id': {
    tag: 'Counter',
    summary: 'Answer an officer who asked back, with the whole application',
    caller: 'person',
    answers: { 200: submitted },
    refusals: ['changed_meanwhile', 'phone_invalid'],
  },
  'DELETE /api/me/applications/:id': {
    tag: 'Counter',
    summary: 'Withdraw an application that nobody has decided',
    caller: 'person',
    answers: { 200: submitted },
    refusals: ['changed_meanwhile'],
  },
  'GET /api/operators': {
    tag: 'Counter',
    summary: 'Who scans for the partners that the caller manages',
    caller: 'manager',
    answers: { 200: z.object({ operators: z.array(operator) }) },
  },
  'POST /api/operators': {
    tag: 'Counter',
    summary: 'Let the holder of a phone scan at outlets of the caller’s partner',
    caller: 'manager',
    answers: { 201: z.object({ id }) },
    refusals: ['operator_exists', 'phone_invalid'],
  },
  'DELETE /api/operators/:id': {
    tag: 'Counter',
    summary: 'Take an operator off, from his next request on',
    caller: 'manager',
    answers: { 200: z.object({ id }) },
  },
  'POST /api/operators/:id/suspension': {
    tag: 'Counter',
    summary: 'Take an operator’s access away, from his next request on',
    caller: 'manager',
    answers: { 200: suspension },
    refusals: ['changed_meanwhile'],
  },
  'DELETE /api/operators/:id/suspension': {
    tag: 'Counter',
    summary: 'Give an operator his access back',
    caller: 'manager',
    answers: { 200: suspension },
    refusals: ['changed_meanwhile'],
  },
  'GET /api/outlets/:id': {
    tag: 'Counter',
    summary: 'An outlet for those who stand there, and what can be used or tested at it',
    caller: 'operator',
    answers: {
      200: named.extend({
        ...place,
        district: named,
        partner: named.extend({ kind }),
        isClosed: z.boolean(),
        benefits: z.array(
          title.extend({
            state: z.enum(['testing', 'live', 'paused']),
            stateReason: z.string().nullable(),
          }),
        ),
      }),
    },
  },
  'PATCH /api/outlets/:id': {
    tag: 'Counter',
    summary: 'Change what members read of an outlet: address and hours',
    caller: 'manager',
    answers: { 200: z.object({ id }) },
  },
  'GET /api/partners/:id/redemptions': {
    tag: 'Counter',
    summary: 'What a partner redeemed, newest first, without saying for whom',
    caller: 'manager',
    answers: { 200: z.object({ redemptions: z.array(taking), next }) },
  },
  'GET /api/partners/:id/redemptions.csv': {
    tag: 'Counter',
    summary: 'The same, whole, as a file',
    caller: 'manager',
    answers: { 200: 'text/csv' },
  },
  'POST /api/trials': {
    tag: 'Counter',
    summary:
      'A test redemption of an admission in testing: judged like a real one, and nothing is counted',
    caller: 'operator',
    answers: {
      200: z.object({
        isAccepted: z.literal(true),
        benefit: id,
        quantity: z.int(),
        priceFen: fen,
      }),
    },
    refusals: ['ticket_invalid'],
  },
  'GET /api/me/notices': {
    tag: 'Benefits',
    summary: 'What a member should know before he travels: what pauses, goes on or ends',
    caller: 'member',
    answers: { 200: z.object({ notices: z.array(notice) }) },
  },
} satisfies Operations;
