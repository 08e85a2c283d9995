import * as z from 'zod';
import { news } from './of-members.ts';
import type { Operations } from './operation.ts';
import { done, id, instant, next } from './shapes.ts';

const proxyKind = z.enum(['family', 'clerk']);

const proxies = z.object({
  proxies: z.array(
    z.object({
      id,
      kind: proxyKind,
      label: z.string(),
      startedAt: instant,
      acceptedAt: instant.nullable().describe('Null until whoever was named says yes'),
      endsAt: instant.nullable(),
    }),
  ),
  most: z.int().describe('How many of the family there may be at once'),
});

const mandates = z.object({
  mandates: z.array(
    z.object({
      id,
      kind: proxyKind,
      maskedName: z.string(),
      acceptedAt: instant.nullable(),
      endsAt: instant.nullable(),
    }),
  ),
});

const carried = z.object({
  serverTime: instant,
  holder: z.object({ maskedName: z.string() }),
  passes: z.array(
    z.object({ from: instant, expiresAt: instant, url: z.string(), code: z.string() }),
  ),
});

const printable = z.object({
  name: z.string(),
  unionZh: z.string(),
  unionEn: z.string(),
  hasIdNumber: z.boolean(),
  card: z
    .object({
      issuedAt: instant,
      expiresAt: instant,
      content: z.string().describe('What its QR holds'),
    })
    .nullable(),
});

const sheet = z.object({
  cards: z.array(
    z.object({
      name: z.string(),
      unionZh: z.string(),
      unionEn: z.string(),
      expiresAt: instant,
      content: z.string(),
    }),
  ),
  next,
});

const union = z.object({ nameZh: z.string(), nameEn: z.string() });

const ownData = z.object({
  memberId: z.int(),
  name: z.string(),
  phone: z.string().nullable(),
  idNumber: z.string().nullable(),
  bornOn: z.string().nullable(),
  familySize: z.int(),
  tags: z.array(z.string()),
  createdAt: instant,
  affiliations: z.array(
    z.object({
      union,
      startedAt: instant,
      endedAt: instant.nullable(),
      endReason: z.string().nullable(),
    }),
  ),
  cards: z.array(
    z.object({
      kind: z.enum(['phone', 'printed', 'proxy']),
      status: z.enum(['live', 'replaced', 'lost', 'blocked']),
      phoneLabel: z.string(),
      enrolledAt: instant,
      expiresAt: instant.nullable(),
      endedAt: instant.nullable(),
    }),
  ),
  proxies: z.array(
    z.object({
      kind: proxyKind,
      label: z.string(),
      startedAt: instant,
      acceptedAt: instant.nullable(),
      endsAt: instant.nullable(),
      endedAt: instant.nullable(),
    }),
  ),
  redemptions: z.array(z.object(news)),
  sessions: z.array(
    z.object({ createdAt: instant, expiresAt: instant, browser: z.string().nullable() }),
  ),
  deeds: z.array(
    z.object({ at: instant, action: z.string(), union, reason: z.string().nullable() }),
  ),
});

/** Members without a smartphone, whoever acts for them, and what is stored about each. */
export const ofMine = {
  'GET /api/me/proxies': {
    tag: 'Card',
    summary: 'Whom the caller lets act for him',
    caller: 'member',
    answers: { 200: proxies },
  },
  'POST /api/me/proxies': {
    tag: 'Card',
    summary: 'Name somebody of the family by his phone; it counts when he says yes',
    caller: 'member',
    answers: { 200: proxies },
    refusals: ['phone_invalid', 'proxy_is_self', 'too_many_proxies', 'too_many_attempts'],
  },
  'DELETE /api/me/proxies/:id': {
    tag: 'Card',
    summary: 'End it at once',
    caller: 'member',
    answers: { 200: done },
  },
  'GET /api/me/mandates': {
    tag: 'Card',
    summary: 'For whom the caller may act, or is asked to',
    caller: 'person',
    answers: { 200: mandates },
  },
  'POST /api/me/mandates/:id/acceptance': {
    tag: 'Card',
    summary: 'Say yes to it',
    caller: 'person',
    answers: { 200: done },
  },
  'DELETE /api/me/mandates/:id': {
    tag: 'Card',
    summary: 'Say no to it, or give it up',
    caller: 'person',
    answers: { 200: done },
  },
  'POST /api/me/mandates/:id/enrolment': {
    tag: 'Card',
    summary: 'Put the other’s card on this phone',
    caller: 'person',
    answers: { 200: done },
    refusals: ['card_blocked'],
  },
  'GET /api/me/mandates/:id/passes': {
    tag: 'Card',
    summary: 'The booklet of the other’s card',
    caller: 'person',
    answers: { 200: carried },
    refusals: ['card_not_enrolled'],
  },
  'GET /api/me/data': {
    tag: 'Card',
    summary: 'All that is stored about the caller as a member',
    caller: 'member',
    answers: { 200: ownData },
  },
  'POST /api/me/erasure': {
    tag: 'Card',
    summary:
      'Delete it, which ends the membership; what the books need stays without a name, and for three years what his limits go on by',
    caller: 'member',
    answers: { 200: done },
    refusals: ['name_not_confirmed'],
  },
  'GET /api/members/:id/printed-card': {
    tag: 'Console',
    summary: 'The printed card of a member of one’s own',
    caller: 'officer',
    answers: { 200: printable },
  },
  'PUT /api/members/:id/printed-card': {
    tag: 'Console',
    summary: 'Make a printed card, good for a year; an earlier one stops',
    caller: 'officer',
    answers: { 200: printable },
    refusals: ['id_number_missing', 'card_blocked'],
  },
  'DELETE /api/members/:id/printed-card': {
    tag: 'Console',
    summary: 'Refuse the printed card from now on',
    caller: 'officer',
    answers: { 200: printable },
    refusals: ['changed_meanwhile'],
  },
  'GET /api/unions/:id/printed-cards': {
    tag: 'Console',
    summary: 'The printed cards of a union, to print several at once',
    caller: 'officer',
    answers: { 200: sheet },
  },
  'POST /api/members/:id/clerk': {
    tag: 'Console',
    summary: 'Act for a member without a phone, for some hours',
    caller: 'officer',
    answers: { 201: z.object({ id, endsAt: instant }) },
    refusals: ['member_has_card'],
  },
} satisfies Operations;
