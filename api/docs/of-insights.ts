import * as z from 'zod';
import { benefit as benefitTable } from '../../db/schema/benefits.ts';
import { bands } from '../insights/take-up.ts';
import type { Operations } from './operation.ts';
import { id, instant, named, reason, title } from './shapes.ts';

const tag = 'Console';
const date = z.iso.date().meta({ pattern: undefined });
const days = { from: date, to: date };
const share = {
  groups: z.int().describe('So many groups stand here together, each too small alone'),
  members: z.int().describe('To the nearest five'),
  users: z.int().describe('With a noise, to the nearest five'),
};

/** What a union sees of itself. */
export const ofInsights = {
  'GET /api/unions/:id/flows': {
    tag,
    summary: 'Between which districts members went, in counts',
    caller: 'officer',
    answers: {
      200: z.object({
        ...days,
        districts: z.array(named.extend({ code: z.string() })),
        flows: z.array(
          z.object({
            homeId: id.nullable(),
            hostId: id,
            redemptions: z.int().describe('Less what was undone on these days'),
            quantity: z.int(),
          }),
        ),
      }),
    },
  },
  'GET /api/unions/:id/take-up': {
    tag,
    summary: 'How many members used anything in a month, by age and by union',
    caller: 'officer',
    answers: {
      200: z.object({
        months: z.array(date),
        month: date.nullable(),
        byAge: z.array(z.object({ bands: z.array(z.enum(bands)), ...share })),
        byUnion: z.array(
          z.object({
            place: z.int(),
            union: named.nullable().describe('null: small unions together'),
            ...share,
          }),
        ),
        next: z.int().nullable().describe('`after` of the next page; null at the end'),
      }),
    },
  },
  'GET /api/unions/:id/unused': {
    tag,
    summary: 'Benefits that hardly anybody uses',
    caller: 'officer',
    answers: {
      200: z.object({
        days: z.int(),
        percent: z.int(),
        benefits: z.array(
          title.extend({ union: named, startsAt: instant, cap: z.int(), used: z.int() }),
        ),
      }),
    },
  },
  'GET /api/unions/:id/unusual': {
    tag,
    summary: 'Outlets whose uses look unusual, with the counts that say why',
    caller: 'officer',
    answers: {
      200: z.object({
        ...days,
        thresholds: z.object({
          days: z.int(),
          inAMinute: z.int(),
          again: z.int(),
          apart: z.int(),
          atClosePercent: z.int(),
          atCloseUses: z.int(),
        }),
        outlets: z.array(
          z.object({
            outlet: named,
            partner: named,
            host: named,
            uses: z.int(),
            inAMinute: z.int().describe('The most in one minute'),
            again: z.int().describe('By members who had used the partner four times in the week'),
            apart: z.int().describe('Faster than 120 km/h from the member’s last outlet'),
            atClose: z.int().describe('In the last quarter of an hour, or after it'),
          }),
        ),
      }),
    },
  },
  'GET /api/unions/:id/unmet': {
    tag,
    summary: 'What members wanted and did not get',
    caller: 'officer',
    answers: {
      200: z.object({
        ...days,
        shownFrom: z.int(),
        searches: z.array(
          z.object({
            word: z.string().nullable(),
            kind: z.enum(benefitTable.kind.enumValues).nullable(),
            district: named.nullable(),
            times: z.int(),
          }),
        ),
        refusals: z.array(
          z.object({
            benefit: title,
            place: z.enum(['counter', 'catalogue']),
            reason,
            times: z.int(),
          }),
        ),
      }),
    },
  },
  'GET /api/unions/:id/insights/:picture': {
    tag,
    summary: 'The table of one of these pictures as CSV',
    caller: 'officer',
    answers: { 200: 'text/csv' },
  },
} satisfies Operations;
