import * as z from 'zod';
import { reasons } from '../../db/schema/reasons.ts';
import type { Operations } from './operation.ts';
import { cardKind, fen, id, instant, kind, limit, reason, uuid } from './shapes.ts';

const detail = z
  .object({
    at: instant.nullable().optional(),
    again: instant.nullable().optional(),
    outletZh: z.string().optional(),
    outletEn: z.string().optional(),
    districtZh: z.string().optional(),
    districtEn: z.string().optional(),
    limit: limit.optional(),
  })
  .meta({ id: 'Detail', description: 'When and where it was used, and when it can be again' });

const session = z.object({
  id,
  titleZh: z.string(),
  titleEn: z.string(),
  startsAt: instant.nullable(),
  endsAt: instant.nullable(),
});

const scan = z.object({
  ticket: z.string(),
  scannedAt: instant,
  validUntil: instant,
  cell: z.int().describe('The last six bits of the ids of this holder’s redemptions'),
  holder: z.object({ maskedName: z.string() }),
  cardKind,
  benefits: z.array(
    z.object({
      id,
      kind,
      titleZh: z.string(),
      titleEn: z.string(),
      priceFen: fen,
      faceValueFen: fen,
      coPaymentFen: fen.describe('What the member pays of one unit at the counter'),
      quantityMax: z.int(),
      reason: reason.nullable(),
      detail: detail.nullable(),
      memberLeft: z.int().nullable(),
      quotaLeft: z.int().nullable(),
      session: session
        .nullable()
        .describe('That of the claim which is used up, or is for another time or place'),
      walkIn: session
        .safeExtend({ left: z.int() })
        .nullable()
        .describe('He has no claim, and this session has room for him now'),
    }),
  ),
});

const redeemed = z.object({
  id: uuid,
  at: instant,
  benefit: id,
  quantity: z.int(),
  priceFen: fen,
  coPaymentFen: fen.describe('What the member pays of it at the counter'),
  memberLeft: z.int(),
});

const today = z.object({
  count: z.int(),
  quantity: z.int(),
  amountFen: fen,
  items: z.array(
    z.object({
      id: uuid,
      at: instant,
      benefit: z.object({ titleZh: z.string(), titleEn: z.string() }),
      quantity: z.int(),
      priceFen: fen,
      coPaymentFen: fen.describe('What the member paid at the counter'),
      reversedAt: instant.nullable(),
      canReverse: z.boolean(),
      maskedName: z.string(),
      cardKind,
    }),
  ),
});

const ofHolder = reasons.slice(0, reasons.indexOf('benefit_unknown'));
const reversed = z.object({ at: instant });
const tag = 'Counter';

export const ofCounter = {
  'POST /api/scans': {
    tag,
    summary: 'Check a pass or its short code; answers a ticket and a preview, writes nothing',
    caller: 'operator',
    answers: { 200: scan },
    refusals: [
      'pass_invalid',
      'pass_of_another_city',
      'too_many_attempts',
      'id_check_required',
      'id_check_failed',
      'printed_card_expired',
      ...ofHolder,
    ],
  },
  'PUT /api/redemptions/:id': {
    tag,
    summary: 'Redeem with the scan’s ticket, under an id the caller made; safe to repeat',
    caller: 'operator',
    answers: { 200: redeemed, 201: redeemed },
    refusals: ['ticket_invalid', 'id_not_of_card', ...reasons],
  },
  'POST /api/redemptions/:id/reversal': {
    tag,
    summary: 'Undo a redemption: its outlet for 15 minutes, its unions after that',
    caller: 'operator',
    answers: { 200: reversed, 201: reversed },
    refusals: [
      'id_not_of_card',
      'already_reversed',
      'reversal_too_late',
      'exists_with_different_content',
    ],
  },
  'GET /api/outlets/:id/redemptions': {
    tag,
    summary: 'Today’s list and count at an outlet',
    caller: 'operator',
    answers: { 200: today },
  },
} satisfies Operations;
