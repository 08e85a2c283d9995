import * as z from 'zod';
import { categoryLimit } from '../../db/schema/benefits.ts';
import type { Operations } from './operation.ts';
import { proposed } from './of-people.ts';
import { fen, id, instant, kind, named } from './shapes.ts';

const tag = 'Console';
const date = z.iso.date().meta({ pattern: undefined });
const month = z.string().describe('2026-11');
const money = ['budget_missing', 'budget_short'] as const;

const budget = z.object({
  union: named,
  amountFen: fen.nullable().describe('null: none for this year yet'),
  usedFen: z.int().describe('Borne of what was booked in the year, in fen'),
  reservedFen: fen.describe('What places that are given and unused may cost at most'),
  alertPercents: z.array(z.int()),
  version: z.int().describe('0: none yet'),
  canEdit: z.boolean(),
  isProposed: z.boolean().describe('Another amount waits for a second person'),
  dailyFen: z.int().describe('An average day of the last four weeks'),
  endsOn: date.nullable().describe('Goes on like that until this day; null: until the year ends'),
});

/** Money and places. */
export const ofBudgets = {
  'GET /api/unions/:id/budgets/:year': {
    tag,
    summary: 'The budgets of a union and of those right below it',
    caller: 'officer',
    answers: { 200: z.object({ budgets: z.array(budget) }) },
  },
  'PUT /api/unions/:id/budgets/:year': {
    tag,
    summary: 'Set a budget, and at which shares of it to be alerted; more money takes two persons',
    caller: 'administrator',
    answers: {
      200: z.object({ unionId: id, year: z.int(), amountFen: fen, version: z.int() }),
      202: proposed,
    },
    refusals: ['changed_meanwhile', 'budget_short'],
  },
  'GET /api/unions/:id/budgets/:year/burn': {
    tag,
    summary: 'What was borne of a budget, by day',
    caller: 'officer',
    answers: {
      200: z.object({
        amountFen: fen,
        reservedFen: fen,
        days: z.array(z.object({ day: date, fen: z.int() })),
        today: date,
      }),
    },
  },
  'GET /api/unions/:id/budgets/:year/burn.csv': {
    tag,
    summary: 'The same as a file: day, what it cost, what was left',
    caller: 'officer',
    answers: { 200: 'text/csv' },
  },
  'GET /api/unions/:id/category-limits': {
    tag,
    summary: 'How often a union’s members may use benefits of one kind together',
    caller: 'officer',
    answers: {
      200: z.object({
        limits: z.array(
          z.object({
            kind,
            limitCount: z.int(),
            limitPeriod: z.enum(categoryLimit.limitPeriod.enumValues),
          }),
        ),
        canEdit: z.boolean(),
      }),
    },
  },
  'PUT /api/unions/:id/category-limits/:kind': {
    tag,
    summary: 'Set such a limit, or take it away',
    caller: 'administrator',
    answers: { 200: z.object({ id }) },
  },
  'PUT /api/benefits/:id/stage': {
    tag,
    summary: 'Move a benefit on: test, published, ended; never back',
    caller: 'administrator',
    answers: {
      200: z.object({
        id,
        version: z.int(),
        stage: z.enum(['draft', 'test', 'published', 'ended']),
      }),
    },
    refusals: ['changed_meanwhile', 'claims_incomplete'],
  },
  'POST /api/funding-previews': {
    tag,
    summary: 'What each share of a funding rule would bear of one use',
    caller: 'officer',
    answers: { 200: z.object({ amountsFen: z.array(fen) }) },
  },
  'PUT /api/benefits/:id/allocations/:pool/top-up': {
    tag,
    summary: 'Add places to a home district’s pool that the district alone pays',
    caller: 'administrator',
    answers: { 200: z.object({ districtId: id, cap: z.int(), topped: z.int() }), 202: proposed },
    refusals: ['cap_below_used', 'draw_committed', 'period_closed', ...money],
  },
  'POST /api/benefits/:id/allocation-copies': {
    tag,
    summary: 'Give every pool of a month the places it had in another',
    caller: 'administrator',
    answers: { 201: z.object({ month, pools: z.int() }), 202: proposed },
    refusals: ['nothing_to_copy', 'cap_above_benefit', 'draw_committed', 'period_closed', ...money],
  },
  'POST /api/benefits/:id/openings': {
    tag,
    summary: 'Open places of a district’s pool to another pool until a date',
    caller: 'administrator',
    answers: { 201: z.object({ id }), 202: proposed },
    refusals: ['cap_below_used', 'draw_committed', 'payer_not_yours', 'period_closed', ...money],
  },
} satisfies Operations;

/** Openings of a benefit, as its pools are listed with them. */
export const opening = z.object({
  id,
  fromId: id,
  toId: id.nullable().describe('null: to everybody'),
  units: z.int(),
  returnsAt: instant,
  returned: z.int().nullable().describe('How many came back; null while it is open'),
});
