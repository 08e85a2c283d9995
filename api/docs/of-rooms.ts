import * as z from 'zod';
import { claimStates } from '../../db/schema/claims.ts';
import { claimReasons, reasons } from '../../db/schema/reasons.ts';
import type { Operations } from './operation.ts';
import { fen, id, instant, minute, named, uuid } from './shapes.ts';

const day = z.iso.date().meta({ pattern: undefined }).describe('In Asia/Shanghai');
const minutes = z.int().describe('Minutes');
const state = z.enum(claimStates);

const rules = {
  placeZh: z.string(),
  placeEn: z.string(),
  peopleMax: z.int(),
  minutesMin: minutes,
  minutesMax: minutes,
  minutesAWeek: minutes.describe('What one company has of it in a week from Monday'),
  daysAhead: z.int(),
  needsApproval: z.boolean(),
  cancelMinutes: minutes,
  lateCancelWeight: z.int(),
  noShowWeight: z.int(),
};

const hours = { weekdays: z.array(z.int()), opensMinute: minute, closesMinute: minute };

const week = z.object({
  serverTime: instant,
  ...rules,
  ...hours,
  week: day.describe('Monday'),
  today: day,
  lastDay: day.describe('The last one that can be asked for'),
  busy: z.array(z.object({ startsAt: instant, endsAt: instant, isOwn: z.boolean() })),
  minutesUsed: minutes.describe('What the caller’s company has of this week'),
});

const booking = z.object({
  claim: uuid,
  state,
  startsAt: instant,
  endsAt: instant,
  people: z.int(),
  purpose: z.string(),
  company: named,
  maskedName: z.string(),
  madeAt: instant,
  canAttend: z.boolean().describe('It can be said now that somebody came'),
  canMiss: z.boolean().describe('It can be said now that nobody did'),
});

const calendar = z.object({
  room: z.object({ ...rules, sharedWith: id }).nullable(),
  version: z.int(),
  circles: z.array(named.safeExtend({ kind: z.string() })),
  ...hours,
  canEdit: z.boolean(),
  week: day.describe('Monday'),
  today: day,
  bookings: z.array(booking),
  requests: z.array(booking).describe('All to come that wait for an answer, at most 100'),
});

const usage = z.object({
  stock: z.int(),
  claimed: z.int(),
  used: z.int(),
  codes: z.object({ all: z.int(), free: z.int() }).nullable(),
  memberFen: fen,
  faceValueFen: fen,
  savedFen: fen,
  days: z.array(z.object({ day, claimed: z.int(), used: z.int() })),
  today: day,
});

const ofBenefit = reasons
  .slice(reasons.indexOf('benefit_unknown'), reasons.indexOf('quantity_too_large') + 1)
  .filter((reason) => !reason.startsWith('claim_'));

/** Rooms that companies share, and what they sell to members for less. */
export const ofRooms = {
  'PUT /api/benefits/:id/room': {
    tag: 'Claims',
    summary: 'Share a room, or change its rules',
    caller: 'officer',
    answers: { 200: z.object({ version: z.int() }) },
    refusals: ['benefit_ended', 'claims_exist', 'room_not_free', 'changed_meanwhile'],
  },
  'GET /api/benefits/:id/room': {
    tag: 'Claims',
    summary: 'A room’s rules, and when it is taken in one week',
    caller: 'member',
    answers: { 200: week },
  },
  'GET /api/benefits/:id/room-calendar': {
    tag: 'Claims',
    summary: 'Who has a room in one week, and who asks for it',
    caller: 'officer',
    answers: { 200: calendar },
  },
  'PUT /api/room-claims/:id': {
    tag: 'Claims',
    summary: 'Ask for a room; the id is made by the caller',
    caller: 'person',
    answers: {
      200: z.object({ id: uuid, state }),
      201: z.object({ id: uuid, state }),
    },
    refusals: [
      'exists_with_different_content',
      'member_left',
      ...ofBenefit,
      ...claimReasons.filter((reason) => reason.startsWith('room_')),
      'member_unknown',
      'claims_not_open',
      'claims_closed',
      'limit_reached',
      'quota_exhausted',
    ],
  },
  'POST /api/benefits/:id/codes': {
    tag: 'Claims',
    summary: 'Add codes to an offer, and with each one place to its stock',
    caller: 'officer',
    answers: {
      200: z.object({ added: z.int(), known: z.int(), codes: z.int(), free: z.int() }),
    },
    refusals: [
      'benefit_ended',
      'claims_not_set',
      'claims_exist',
      'codes_not_paid',
      'too_many_codes',
    ],
  },
  'GET /api/benefits/:id/usage': {
    tag: 'Claims',
    summary: 'How an offer goes, day by day',
    caller: 'officer',
    answers: { 200: usage },
  },
  'GET /api/benefits/:id/usage.csv': {
    tag: 'Claims',
    summary: 'The same as a table',
    caller: 'officer',
    answers: { 200: 'text/csv' },
  },
} satisfies Operations;
