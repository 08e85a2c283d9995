import * as z from 'zod';
import { fields, importFailures, rowProblems, undoOutcomes } from '../../db/schema/imports.ts';
import type { Operations } from './operation.ts';
import { id, instant, named, uuid } from './shapes.ts';

const tag = 'Console';
const rows = z.int().optional();
const counts = z.object({
  new: rows,
  changed: rows,
  unchanged: rows,
  leaving: rows,
  rejected: rows,
  kept: rows.describe('Not in the file, but a rejected row bears the name'),
  undone: rows,
  notUndone: rows,
  notBack: rows.describe('Of the not undone, those who had left by it'),
});
const columns = z
  .partialRecord(z.enum(fields), z.int())
  .describe('The number of the column of each field, counted from 0');
const state = z.enum([
  'uploading',
  'uploaded',
  'checking',
  'checked',
  'committing',
  'done',
  'undoing',
  'undone',
  'cancelled',
  'failed',
]);

const view = z
  .object({
    id: uuid,
    unionId: id,
    fileName: z.string(),
    bytes: z.int(),
    state,
    failure: z.enum(importFailures).nullable(),
    isComplete: z.boolean(),
    columns: columns.nullable(),
    counts,
    progress: z.number().describe('Of the step under way, between 0 and 1'),
    createdAt: instant,
    doneAt: instant.nullable(),
    undoUntil: instant.nullable(),
    partBytes: z.int(),
    parts: z.array(z.int()).describe('The parts that are here, while it is uploading'),
    table: z
      .object({
        header: z.array(z.string()),
        guess: columns,
        samples: z.array(z.array(z.string())),
      })
      .nullable(),
  })
  .meta({ id: 'Import', description: 'A file with which a union takes in its members' });

const line = z.object({
  id: uuid,
  fileName: z.string(),
  state,
  counts,
  createdAt: z.string(),
  doneAt: z.string().nullable(),
  by: z.string(),
});

const memberKey = z.int().min(0);
const spell = {
  unit: named,
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  endReason: z.string().nullable(),
};
const phone = z.string().nullable().describe('138 **** 8000');
const standing = z.object({ id: memberKey, isMember: z.boolean() });
const place = z.object({ name: z.string(), unionId: id, id: memberKey });
const answers = z.object({
  answers: z.array(z.enum(['done', 'left_before', 'person_unknown', 'number_invalid', 'not_yet'])),
});
const transfer = z.object({
  id,
  name: z.string().describe('Masked to the union that asks'),
  from: named.nullable(),
  to: named,
  reason: z.string(),
  askedAt: instant,
  agreesAt: instant.describe('From then on silence is agreement'),
  state: z.enum(['open', 'done', 'declined', 'void']),
  decidedBy: z.enum(['member', 'union', 'silence']).nullable(),
  canDecide: z.boolean(),
  canWithdraw: z.boolean().describe('By the union that asked'),
});
const decided = z.object({ id, state: z.enum(['open', 'done', 'declined', 'void']) });
const step = ['import_at_another_step'] as const;

export const ofRoster = {
  'GET /api/unions/:id/imports': {
    tag,
    summary: 'The union’s latest imports',
    caller: 'officer',
    answers: { 200: z.object({ imports: z.array(line) }) },
  },
  'GET /api/member-template': {
    tag,
    summary: 'An empty file of members with one example, as CSV or XLSX',
    caller: 'anyone',
    answers: { 200: 'text/csv' },
  },
  'PUT /api/imports/:id': {
    tag,
    summary: 'Begin an import under an id of the caller’s; its file follows in parts',
    caller: 'administrator',
    answers: { 200: z.object({ id: uuid }) },
    refusals: ['too_many_attempts'],
  },
  'GET /api/imports/:id': {
    tag,
    summary: 'How far an import is',
    caller: 'administrator',
    answers: { 200: view },
  },
  'DELETE /api/imports/:id': {
    tag,
    summary: 'Give an import up before anything was written',
    caller: 'administrator',
    answers: { 200: view },
    refusals: step,
  },
  'PUT /api/imports/:id/parts/:number': {
    tag,
    summary: 'One part of the file, bare bytes without a Content-Type; the same again replaces it',
    caller: 'administrator',
    answers: { 200: z.object({ number: z.int() }) },
    refusals: step,
  },
  'POST /api/imports/:id/upload': {
    tag,
    summary: 'All parts are sent: `digest` is the SHA-256 of the SHA-256 of each, in their order',
    caller: 'administrator',
    answers: { 200: view },
    refusals: [...step, 'parts_missing', 'file_differs', 'file_unreadable', 'file_too_large'],
  },
  'POST /api/imports/:id/check': {
    tag,
    summary: 'Begin the dry run; `isComplete`: whoever the file does not name leaves',
    caller: 'administrator',
    answers: { 200: view },
    refusals: step,
  },
  'POST /api/imports/:id/commit': {
    tag,
    summary: 'Begin to write what the dry run found; it goes on by itself',
    caller: 'administrator',
    answers: { 200: view },
    refusals: step,
  },
  'POST /api/imports/:id/undo': {
    tag,
    summary: 'Begin to take back what was written, within 24 hours',
    caller: 'administrator',
    answers: { 200: view },
    refusals: [...step, 'undo_too_late'],
  },
  'GET /api/imports/:id/people': {
    tag,
    summary: 'Whom it makes, changes or lets go, by `group`; and whom an undo left alone',
    caller: 'administrator',
    answers: {
      200: z.object({
        people: z.array(
          z.object({
            key: memberKey.describe('The number of the row; of one who leaves, the member'),
            name: z.string(),
            unit: named,
            was: z.object({ name: z.string(), unit: named }).nullable(),
            fields: z.array(z.enum(fields)).describe('What is changed'),
            undone: z.enum(undoOutcomes).nullable(),
          }),
        ),
        next: memberKey.nullable(),
      }),
    },
  },
  'GET /api/imports/:id/rejected': {
    tag,
    summary: 'The rows that were not taken in, by number, with their reasons',
    caller: 'administrator',
    answers: {
      200: z.object({
        rejected: z.array(z.object({ row: z.int(), problem: z.enum(rowProblems) })),
        next: z.int().nullable(),
      }),
    },
  },
  'GET /api/imports/:id/rejected.csv': {
    tag,
    summary: 'Those rows as they stood in the file, with their reasons, to be put right',
    caller: 'administrator',
    answers: { 200: 'text/csv' },
    refusals: step,
  },
  'GET /api/imports/:id/not-undone.csv': {
    tag,
    summary: 'Whom an undo left alone: rows with their numbers, then those who did not come back',
    caller: 'administrator',
    answers: { 200: 'text/csv' },
    refusals: step,
  },
  'POST /api/unions/:id/members/search': {
    tag,
    summary: 'Members of the union and all below it; by a name’s beginning, or a number exactly',
    caller: 'administrator',
    answers: {
      200: z.object({
        members: z.array(z.object({ id: memberKey, name: z.string(), phone, ...spell })),
        next: place.nullable(),
      }),
    },
    refusals: ['phone_invalid', 'id_number_invalid'],
  },
  'GET /api/members/:id': {
    tag,
    summary: 'One member of the caller’s unions',
    caller: 'administrator',
    answers: {
      200: z.object({
        id: memberKey,
        name: z.string(),
        phone,
        hasIdNumber: z.boolean(),
        bornOn: z.string().nullable(),
        tags: z.array(z.string()),
        familySize: z.int(),
        hasAccount: z.boolean(),
        isMember: z.boolean(),
        affiliations: z.array(z.object(spell)),
      }),
    },
  },
  'POST /api/members/:id/leave': {
    tag,
    summary: 'End a membership at once',
    caller: 'administrator',
    answers: { 200: standing },
    refusals: ['changed_meanwhile'],
  },
  'DELETE /api/members/:id/leave': {
    tag,
    summary: 'Take that back',
    caller: 'administrator',
    answers: { 200: standing },
    refusals: ['changed_meanwhile'],
  },
  'POST /api/unions/:id/leavers': {
    tag,
    summary:
      'A feed of leavers, each with an answer of its own; a line sent again does nothing more',
    caller: 'administrator',
    answers: { 200: answers },
  },
  'DELETE /api/unions/:id/leavers': {
    tag,
    summary: 'Take such a feed back',
    caller: 'administrator',
    answers: { 200: answers },
  },
  'GET /api/unions/:id/transfers': {
    tag,
    summary: 'The members the union asks for, and those it is asked for',
    caller: 'administrator',
    answers: { 200: z.object({ asked: z.array(transfer), asks: z.array(transfer) }) },
  },
  'POST /api/unions/:id/transfers': {
    tag,
    summary:
      'Ask for a member of another union; he, his union or its silence of seven days agrees; not again for thirty days where he declined himself',
    caller: 'administrator',
    answers: { 200: decided },
    refusals: [
      'phone_invalid',
      'id_number_invalid',
      'person_unknown',
      'transfer_asked',
      'transfer_declined',
      'too_many_transfers',
    ],
  },
  'POST /api/transfers/:id/decision': {
    tag,
    summary: 'Let a member go, or decline',
    caller: 'administrator',
    answers: { 200: decided },
    refusals: ['changed_meanwhile'],
  },
  'DELETE /api/transfers/:id': {
    tag,
    summary: 'Withdraw what the union asked for',
    caller: 'administrator',
    answers: { 200: decided },
    refusals: ['changed_meanwhile'],
  },
  'GET /api/me/transfers': {
    tag: 'Card',
    summary: 'The unions that ask for the member',
    caller: 'member',
    answers: {
      200: z.object({
        transfers: z.array(
          z.object({ id, from: named, to: named, askedAt: instant, agreesAt: instant }),
        ),
      }),
    },
  },
  'POST /api/me/transfers/:id/decision': {
    tag: 'Card',
    summary: 'Go to the union that asks, or decline',
    caller: 'member',
    answers: { 200: decided },
    refusals: ['changed_meanwhile'],
  },
} as const satisfies Operations;
