import * as z from 'zod';
import { proposal as proposalTable } from '../../db/schema/proposals.ts';
import { officeRoles } from '../../db/schema/roles.ts';
import { faultKinds } from '../audit/verification.ts';
import type { Operations } from './operation.ts';
import { fen, id, instant, named, next, title } from './shapes.ts';

const tag = 'Console';

const role = z.enum(officeRoles);
const person = z.object({ id: z.string(), name: z.string().nullable() });

const people = z.object({
  officers: z.array(
    z.object({
      id,
      userId: z.string(),
      name: z.string(),
      role,
      endsAt: instant.nullable(),
      isOut: z.boolean().describe('Suspended, or over'),
      isMe: z.boolean(),
      hasSecondFactor: z.boolean(),
      lentTo: z.array(z.object({ id, name: z.string(), endsAt: instant, canEnd: z.boolean() })),
    }),
  ),
  invitations: z.array(
    z.object({
      id,
      name: z.string(),
      phoneEnd: z.string().describe('The last four digits'),
      role,
      endsAt: instant.nullable(),
      expiresAt: instant,
    }),
  ),
  canChange: z.boolean(),
  canName: z.array(role),
  twoPersonFen: fen.describe('Above this, money and quotas take two persons'),
});

const session = z.object({
  id: z.string(),
  device: z.string().nullable(),
  beganAt: instant,
  seenAt: instant,
  secondFactorAt: instant.nullable(),
  isThis: z.boolean(),
});
const sessions = z.object({ sessions: z.array(session) });

const changed = z.object({ id });

/** What the answer 202 carries of any route that takes two persons. */
export const proposed = z.object({ proposal: z.object({ id, expiresAt: instant }) });

const state = z.enum(proposalTable.state.enumValues);

const proposal = z.object({
  id,
  union: named,
  action: z.enum(proposalTable.action.enumValues),
  subject: z.string(),
  subjectId: z.string(),
  benefit: title.nullable(),
  statement: z
    .object({
      id,
      month: z.iso.date(),
      partner: z.object({ nameZh: z.string(), nameEn: z.string() }).nullable(),
    })
    .nullable()
    .describe('The statement it is about, or whose line is disputed'),
  payload: z.record(z.string(), z.unknown()),
  amountFen: fen,
  reason: z.string(),
  proposedBy: person,
  proposedAt: instant,
  expiresAt: instant,
  state,
  decidedBy: person.nullable(),
  decidedAt: instant.nullable(),
  decisionReason: z.string().nullable(),
  isOwn: z.boolean(),
  obstacle: z
    .enum(['own', 'decided', 'expired', 'role'])
    .nullable()
    .describe('Why the caller cannot confirm it; null: he can'),
});

const decided = z.object({ id, state, decidedAt: instant.nullable() });

const verification = z.object({
  head: z.object({ chainId: id, seq: z.int(), hash: z.string() }).nullable(),
  waiting: z.int().describe('Entries that are not linked yet'),
  headsKept: z.int().describe('Heads in statements that the chain was compared with'),
  faults: z.array(
    z.object({
      fault: z.enum(faultKinds),
      chainId: id,
      seq: z.int().nullable(),
      entryId: id.nullable(),
    }),
  ),
});

export const ofPeople = {
  'POST /api/unions': {
    tag,
    summary: 'Found a street, an industry or an enterprise below one’s own union',
    caller: 'administrator',
    answers: { 201: changed },
  },
  'PATCH /api/unions/:id': {
    tag,
    summary: 'Rename a union below one’s own',
    caller: 'administrator',
    answers: { 200: z.object({ id, nameZh: z.string(), nameEn: z.string() }) },
  },
  'PUT /api/unions/:id/threshold': {
    tag,
    summary: 'Set above how much money takes two persons; raising it takes two itself',
    caller: 'administrator',
    answers: { 200: z.object({ id, twoPersonFen: fen }), 202: proposed },
  },
  'GET /api/unions/:id/people': {
    tag,
    summary: 'The people of a union, and who was invited',
    caller: 'officer',
    answers: { 200: people },
  },
  'POST /api/unions/:id/invitations': {
    tag,
    summary: 'Name the holder of a phone for an office; he accepts when he next signs in',
    caller: 'administrator',
    answers: { 201: z.object({ id, expiresAt: instant }) },
    refusals: ['phone_invalid', 'administrator_from_above', 'officer_exists'],
  },
  'POST /api/invitations/:id/withdrawal': {
    tag,
    summary: 'Take an invitation back',
    caller: 'administrator',
    answers: { 200: z.object({ id, state: z.literal('withdrawn') }) },
    refusals: ['invitation_closed'],
  },
  'POST /api/me/invitations/:id/answer': {
    tag,
    summary: 'Accept or decline an office',
    caller: 'person',
    answers: { 200: z.object({ id, state: z.enum(['accepted', 'declined']) }) },
    refusals: ['invitation_closed', 'officer_exists'],
  },
  'PATCH /api/officers/:id': {
    tag,
    summary: 'Change an officer’s role or end, suspend or readmit him',
    caller: 'administrator',
    answers: { 200: changed },
    refusals: ['administrator_from_above', 'last_administrator'],
  },
  'POST /api/officers/:id/delegations': {
    tag,
    summary: 'Lend one’s own office to a colleague until a day that is set',
    caller: 'officer',
    answers: { 201: z.object({ id, endsAt: instant }) },
    refusals: ['changed_meanwhile'],
  },
  'POST /api/delegations/:id/end': {
    tag,
    summary: 'End a delegation at once',
    caller: 'officer',
    answers: { 200: z.object({ id, endedAt: instant.nullable() }) },
    refusals: ['changed_meanwhile'],
  },
  'GET /api/officers/:id/sessions': {
    tag,
    summary: 'Where an officer is signed in',
    caller: 'administrator',
    answers: { 200: sessions },
  },
  'DELETE /api/officers/:id/sessions': {
    tag,
    summary: 'Sign an officer out everywhere',
    caller: 'administrator',
    answers: { 200: changed },
  },
  'GET /api/proposals': {
    tag,
    summary: 'What waits for a second person, or waited',
    caller: 'officer',
    answers: { 200: z.object({ proposals: z.array(proposal), next }) },
  },
  'POST /api/proposals/:id/confirmation': {
    tag,
    summary: 'Confirm as the second person; what was proposed is done at once',
    caller: 'officer',
    answers: { 200: decided },
    refusals: ['proposal_own', 'proposal_stale', 'proposal_closed'],
  },
  'POST /api/proposals/:id/refusal': {
    tag,
    summary: 'Decline as the second person',
    caller: 'officer',
    answers: { 200: decided },
    refusals: ['proposal_own', 'proposal_closed'],
  },
  'POST /api/proposals/:id/withdrawal': {
    tag,
    summary: 'Withdraw what one proposed',
    caller: 'officer',
    answers: { 200: decided },
    refusals: ['proposal_closed'],
  },
  'GET /api/me/sessions': {
    tag: 'Sign-in',
    summary: 'Where the caller is signed in',
    caller: 'person',
    answers: { 200: sessions },
  },
  'DELETE /api/me/sessions': {
    tag: 'Sign-in',
    summary: 'End all other sessions of the caller',
    caller: 'person',
    answers: { 200: z.object({ ended: z.int() }) },
  },
  'DELETE /api/me/sessions/:id': {
    tag: 'Sign-in',
    summary: 'End one session of the caller',
    caller: 'person',
    answers: { 200: z.object({ ended: z.int() }) },
  },
  'GET /api/unions/:id/audit/verification': {
    tag,
    summary: 'Recompute the chain of a union’s district, and say what does not fit',
    caller: 'officer',
    answers: { 200: verification },
  },
} satisfies Operations;
