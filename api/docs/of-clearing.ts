import * as z from 'zod';
import { dispute as disputeTable } from '../../db/schema/settlements.ts';
import { lineKinds } from '../settlements/lines.ts';
import { statementStates } from '../settlements/view.ts';
import type { Operations } from './operation.ts';
import { fen, id, instant, named, next, proposed, title, uuid } from './shapes.ts';

const tag = 'Console';

const month = z.string().describe('A month by its first day');
const signed = z.int().describe('In fen; negative where more came back than was owed');
const day = z.string();

const period = z.object({
  month,
  state: z.enum(['open', 'closing', 'closed']),
  closingAt: instant.nullable(),
  closedAt: instant.nullable(),
  hash: z.string().nullable(),
  blockers: z.array(z.enum(['not_over', 'earlier_open'])),
  waiting: z.int().describe('Offline scans that nobody decided yet'),
  statements: z.int(),
  confirmed: z.int(),
  disputed: z.int(),
  canClose: z.boolean(),
});

const statement = z.object({
  id,
  month,
  kind: z.enum(['partner', 'pair']),
  state: z.enum(statementStates),
  union: named,
  other: named.nullable(),
  partner: named.nullable(),
  lines: z.int(),
  redemptions: z.int(),
  debitFen: signed,
  creditFen: signed,
  confirmedAt: instant.nullable(),
  otherConfirmedAt: instant.nullable(),
  openDisputes: z.int(),
  suspendedFen: fen.describe('Held back now; from the invoice on, what that one left out'),
  carriedFen: fen.describe(
    'Held back in earlier statements and released: what its invoice carries',
  ),
  payableFen: signed.nullable(),
});

/** What it is about, as its line says it. */
const use = { redemptionId: uuid, scannedAt: instant, benefit: title, outlet: named };

const dispute = z.object({
  ...use,
  id,
  by: named.nullable().describe('null: the partner'),
  claimedFen: fen.describe('What the redemption should cost in all'),
  priceFen: fen,
  reason: z.string(),
  raisedAt: instant,
  state: z.enum(disputeTable.state.enumValues),
  answer: z.string().nullable(),
  answeredAt: instant.nullable(),
  ruling: z.string().nullable(),
  ruledAt: instant.nullable(),
  correctedFen: fen.nullable(),
  canAnswer: z.boolean(),
  canWithdraw: z.boolean(),
  canRule: z.boolean(),
});

const suspended = z.object({
  ...use,
  amountFen: fen,
  reason: z.string(),
  suspendedAt: instant,
  releasedAt: instant.nullable(),
  releaseReason: z.string().nullable(),
  carriedTo: id.nullable().describe('The statement it is paid with'),
});

const detail = statement.extend({
  hash: z.string().describe('SHA-256 over all lines, as the second sheet of the export says'),
  anchors: z.array(z.object({ unionId: id, seq: z.int(), hash: z.string() })),
  closedAt: instant.nullable(),
  invoiceNumber: z.string().nullable(),
  invoicedAt: instant.nullable(),
  bankReference: z.string().nullable(),
  paidOn: day.nullable(),
  parts: z.array(
    z.object({
      debtor: named,
      partner: named,
      lines: z.int(),
      chargedFen: fen,
      returnedFen: fen,
    }),
  ),
  disputes: z.array(dispute),
  suspensions: z.array(suspended),
  isPaymentProposed: z.boolean().describe('A payment waits for a second person'),
  can: z.object({
    confirm: z.array(id),
    dispute: z.array(id),
    object: z.boolean(),
    pay: z.boolean(),
  }),
});

const line = z.object({
  redemptionId: uuid,
  kind: z.enum(lineKinds),
  leg: z.int(),
  bookedAt: instant,
  bookedUtc: z.string().describe('To the microsecond, as it is hashed'),
  scannedAt: instant,
  benefit: title,
  outlet: named,
  host: named,
  partner: named,
  creditor: named,
  debtor: named.nullable().describe('null for the partner'),
  isCharge: z.boolean(),
  amountFen: fen,
  dispute: z.string().nullable(),
  isSuspended: z.boolean(),
});

const suspension = z.object({ redemptionId: uuid, amountFen: fen, isSuspended: z.boolean() });
const answered = z.object({ id, state: z.enum(disputeTable.state.enumValues) });
const csv = 'text/csv';
const xlsx = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

/** Months, statements and what is said about them. */
export const ofClearing = {
  'GET /api/periods': {
    tag,
    summary: 'Months, and what keeps one from being closed',
    caller: 'officer',
    answers: { 200: z.object({ periods: z.array(period) }) },
  },
  'POST /api/periods/:month/closing': {
    tag,
    summary: 'Begin to close a month that is over; its statements follow',
    caller: 'administrator',
    answers: { 202: z.object({ month, state: z.literal('closing') }) },
    refusals: ['period_begun', 'period_not_over', 'period_earlier_open'],
  },
  'GET /api/statements': {
    tag,
    summary: 'Statements of the caller’s unions or partners, newest first',
    caller: 'officer',
    answers: { 200: z.object({ statements: z.array(statement), next }) },
  },
  'GET /api/statements.csv': {
    tag,
    summary: 'The same as a file: a union’s position is the sum of its rows',
    caller: 'officer',
    answers: { 200: csv },
  },
  'GET /api/statements/:id': {
    tag,
    summary: 'One statement, with its disputes and payment',
    caller: 'officer',
    answers: { 200: detail },
  },
  'GET /api/statements/:id/lines': {
    tag,
    summary: 'Its lines in the order of booking',
    caller: 'officer',
    answers: { 200: z.object({ lines: z.array(line), next }) },
  },
  'GET /api/statements/:id/lines.csv': {
    tag,
    summary: 'All its lines as a file, from which its figures and its hash follow',
    caller: 'officer',
    answers: { 200: csv },
  },
  'GET /api/statements/:id/lines.xlsx': {
    tag,
    summary: 'The same as a workbook, with a sheet that says what the columns mean',
    caller: 'officer',
    answers: { 200: xlsx },
    refusals: ['too_many_lines'],
  },
  'POST /api/statements/:id/confirmation': {
    tag,
    summary: 'Confirm a pair’s statement for one of its unions',
    caller: 'administrator',
    answers: { 200: z.object({ id, unionId: id, confirmedAt: instant }) },
    refusals: ['statement_confirmed', 'statement_own', 'statement_disputed'],
  },
  'POST /api/statements/:id/disputes': {
    tag,
    summary: 'Say of a redemption in it what it should cost; `union` null: as the partner',
    caller: 'administrator',
    answers: { 201: z.object({ id, state: z.literal('open') }) },
    refusals: [
      'statement_confirmed',
      'statement_paid',
      'line_unknown',
      'line_disputed',
      'claim_out_of_range',
    ],
  },
  'POST /api/disputes/:id/answer': {
    tag,
    summary: 'Accept, decline or withdraw; of a declined one the city upholds or dismisses',
    caller: 'administrator',
    answers: { 200: z.object({ dispute: answered }), 202: z.object({ proposal: proposed }) },
    refusals: ['dispute_closed', 'dispute_own', 'claim_out_of_range'],
  },
  'PUT /api/statements/:id/suspensions/:redemption': {
    tag,
    summary: 'Do not pay a redemption of a partner’s statement yet',
    caller: 'administrator',
    answers: { 200: suspension },
    refusals: ['statement_invoiced', 'line_unknown', 'line_suspended'],
  },
  'DELETE /api/statements/:id/suspensions/:redemption': {
    tag,
    summary: 'Pay it after all',
    caller: 'administrator',
    answers: { 200: suspension },
    refusals: ['line_unknown'],
  },
  'PUT /api/statements/:id/invoice': {
    tag,
    summary: 'Record the invoice, which fixes what is payable',
    caller: 'administrator',
    answers: { 200: z.object({ id, invoiceNumber: z.string(), payableFen: signed }) },
    refusals: ['statement_invoiced', 'invoice_used'],
  },
  'PUT /api/statements/:id/payment': {
    tag,
    summary: 'Record the bank’s transfer, after the invoice',
    caller: 'administrator',
    answers: {
      200: z.object({ id, bankReference: z.string(), paidOn: day }),
      202: z.object({ proposal: proposed }),
    },
    refusals: ['statement_paid', 'invoice_missing', 'paid_on_impossible'],
  },
} satisfies Operations;
