import * as z from 'zod';
import { claimStates } from '../../db/schema/claims.ts';
import type { Operations } from './operation.ts';
import { proposed } from './of-people.ts';
import { fen, id, instant, uuid } from './shapes.ts';

const hash = z.string().describe('SHA-256, 64 lower-case hex digits');
const pseudonym = z
  .string()
  .describe('The first 20 hex digits of SHA-256("tongka draw <benefit> <claim>")');

const chance = z
  .object({
    weight: z.int().describe('How many tickets each of these entries has'),
    entries: z.int(),
    won: z.int().describe('Of them drawn for a prize'),
    expected: z.number().describe('Of them drawn on average, by their weights'),
  })
  .meta({ id: 'Chance', description: 'The entries of one weight' });

const view = z
  .object({
    serverTime: instant,
    titleZh: z.string(),
    titleEn: z.string(),
    commitment: hash.describe('SHA-256 of the secret, told before sign-up'),
    committedAt: instant,
    numberZh: z.string().describe('The public number that is taken, named in advance'),
    numberEn: z.string(),
    weights: z.object({
      neverWon: z.int().optional(),
      tags: z.record(z.string(), z.int()).optional(),
    }),
    opensAt: instant,
    closesAt: instant,
    holdMinutes: z.int().nullable().describe('A win is to be confirmed within so many'),
    hasWaitList: z.boolean(),
    answerMinutes: z.int(),
    needsApproval: z.boolean(),
    entries: z.int(),
    listHash: hash.nullable(),
    listedAt: instant.nullable(),
    number: z.string().nullable(),
    secret: z.string().nullable().describe('32 bytes in hex; told with the result'),
    seed: hash.nullable().describe('SHA-256(secret ‖ listHash ‖ number)'),
    drawnAt: instant.nullable(),
    prizes: z.array(
      z.object({
        id,
        titleZh: z.string(),
        titleEn: z.string(),
        units: z.int(),
        priceFen: fen,
      }),
    ),
    winners: z.array(
      z.object({
        pseudonym,
        place: z.int(),
        prize: id.nullable(),
        isFirst: z.boolean().describe('Not moved up after somebody let go of his'),
        standing: z.enum(['kept', 'open', 'gone']),
      }),
    ),
    passed: z
      .array(z.object({ pseudonym, place: z.int(), isWithdrawn: z.boolean() }))
      .describe('Before the last one drawn for a prize, without one: withdrawn, or no place left'),
    chances: z.array(chance),
    own: z
      .object({
        claim: uuid,
        state: z.enum(claimStates),
        weight: z.int().nullable(),
        place: z.int().nullable(),
        prize: id.nullable(),
      })
      .nullable()
      .describe('The caller’s own entry'),
    waiting: z
      .object({ number: z.string(), proposedAt: instant, expiresAt: instant })
      .nullable()
      .describe('For officers: the number that waits for the second person'),
  })
  .meta({ id: 'Draw', description: 'All that it takes to do a draw again' });

/** Draws by lot that nobody steers and anybody can do again. */
export const ofDraws = {
  'POST /api/benefits/:id/draw': {
    tag: 'Claims',
    summary: 'Commit a draw to a secret, before its sign-up opens',
    caller: 'officer',
    answers: { 201: z.object({ commitment: hash }) },
    refusals: ['claims_not_set', 'benefit_ended', 'draw_committed', 'draw_begun'],
  },
  'GET /api/benefits/:id/draw': {
    tag: 'Claims',
    summary: 'What is known of a draw by now, its result in the end',
    caller: 'person',
    answers: { 200: view },
  },
  'GET /api/benefits/:id/draw/list': {
    tag: 'Claims',
    summary: 'The closed list: a line “pseudonym,weight” an entry, to the letter as it is hashed',
    caller: 'person',
    answers: { 200: 'text/plain' },
  },
  'GET /api/benefits/:id/draw/chances.csv': {
    tag: 'Claims',
    summary: 'How many of each weight were to be expected, and were drawn',
    caller: 'person',
    answers: { 200: 'text/csv' },
  },
  'GET /api/benefits/:id/draw/rehearsal': {
    tag: 'Claims',
    summary: 'What it would come to if it were drawn now with a number made up; leaves no trace',
    caller: 'officer',
    answers: { 200: z.object({ chances: z.array(chance) }) },
  },
  'POST /api/benefits/:id/draw/number': {
    tag: 'Claims',
    summary: 'Enter the public number; a second person’s confirmation draws',
    caller: 'officer',
    answers: { 202: proposed },
    refusals: ['benefit_ended', 'draw_not_listed', 'draw_over', 'draw_number_waiting'],
  },
} satisfies Operations;
