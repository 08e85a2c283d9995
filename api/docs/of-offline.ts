import * as z from 'zod';
import { offlineItem } from '../../db/schema/offline.ts';
import { offlineReasons } from '../../db/schema/offline-reasons.ts';
import { reasons } from '../../db/schema/reasons.ts';
import type { Operations } from './operation.ts';
import { fen, id, instant, named, next, title } from './shapes.ts';

const tag = 'Devices';

const verdict = z.enum(offlineItem.verdict.enumValues);
const why = z
  .enum([...reasons, ...offlineReasons])
  .meta({ id: 'OfflineReason', description: 'Why an offline scan was not simply accepted' });

const state = {
  seq: z.int(),
  verdict: verdict.nullable().describe('null while an earlier scan is missing'),
  reason: why.nullable(),
};

const decided = {
  decision: z.enum(offlineItem.decision.enumValues).nullable(),
  decidedAt: instant.nullable(),
  decisionReason: z.string().nullable(),
};

const hash = z.string().describe('SHA-256 of the one before and its own text, in hex');

const review = z.object({
  device: z.object({ id, name: z.string() }),
  seq: z.int(),
  hash,
  outlet: named,
  partner: named,
  benefit: title.nullable(),
  quantity: z.int().nullable(),
  scannedAt: instant.nullable(),
  receivedAt: instant,
  verdict: verdict.extract(['duplicate', 'over_limit', 'needs_review']),
  reason: why,
  first: z
    .object({
      at: instant,
      outletZh: z.string(),
      outletEn: z.string(),
      districtZh: z.string(),
      districtEn: z.string(),
    })
    .nullable()
    .describe('The use that a duplicate repeats'),
  amountFen: fen.nullable(),
  payer: z
    .enum(['union', 'district', 'partner'])
    .nullable()
    .describe('Who bears it; null while nothing is booked for it'),
  ...decided,
  canDecide: z.boolean(),
});

export const ofOffline = {
  'POST /api/devices/:id/uploads': {
    tag,
    summary: 'Upload scans made without a network; answers a signed receipt and a verdict each',
    caller: 'operator',
    answers: {
      200: z.object({
        receipt: z.string().describe('A JWS: device, from, through, hash, at'),
        verdicts: z.array(z.object(state)),
      }),
    },
    refusals: ['upload_not_signed'],
  },
  'GET /api/devices/:id/items': {
    tag,
    summary: 'What became of the device’s scans after a number, 500 numbers at a time',
    caller: 'operator',
    answers: { 200: z.object({ items: z.array(z.object({ ...state, hash, ...decided })) }) },
  },
  'GET /api/offline-items': {
    tag,
    summary: 'Offline uses that were one too many or are in doubt, newest first',
    caller: 'manager',
    answers: { 200: z.object({ items: z.array(review), next }) },
    refusals: ['second_factor_required'],
  },
  'POST /api/offline-items/:device/:seq/:hash/decision': {
    tag,
    summary: 'Decide once whether a doubtful offline use is paid',
    caller: 'administrator',
    answers: {
      200: z.object({
        decision: z.enum(offlineItem.decision.enumValues),
        reason: z.string(),
      }),
    },
    refusals: ['already_decided', 'period_closed', 'not_payable'],
  },
} satisfies Operations;
