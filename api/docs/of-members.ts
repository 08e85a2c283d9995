import * as z from 'zod';
import { claimKinds } from '../../db/schema/benefits.ts';
import type { Operations } from './operation.ts';
import {
  cardKind,
  fen,
  id,
  instant,
  kind,
  limit,
  minute,
  named,
  next,
  place,
  reason,
  title,
  uuid,
} from './shapes.ts';

const passes = z.object({
  serverTime: instant,
  holder: z.object({
    name: z.string(),
    unionZh: z.string(),
    unionEn: z.string(),
    districtZh: z.string(),
    districtEn: z.string(),
  }),
  passes: z.array(
    z.object({ from: instant, expiresAt: instant, url: z.string(), code: z.string() }),
  ),
});

export const news = {
  id: uuid,
  at: instant,
  bookedAt: instant,
  benefit: title,
  outlet: place,
  quantity: z.int(),
  left: limit,
  reversedAt: instant.nullable(),
  alerted: z.boolean(),
  cardKind,
};

const events = z.object({
  events: z.array(z.object({ type: z.enum(['redemption', 'reversal']), ...news })),
  card: z
    .object({
      status: z.enum(['live', 'replaced', 'lost', 'blocked']),
      endedAt: instant.nullable(),
    })
    .nullable(),
  next: instant,
});

const outlet = {
  id,
  ...place.shape,
  distanceMetres: z.number().nullable(),
};

const item = {
  id,
  kind,
  titleZh: z.string(),
  titleEn: z.string(),
  summaryZh: z.string(),
  summaryEn: z.string(),
  unionZh: z.string(),
  unionEn: z.string(),
  priceFen: fen,
  faceValueFen: fen,
  startsAt: instant,
  endsAt: instant,
  weekdays: z.array(z.int()),
  opensMinute: minute,
  closesMinute: minute,
  quantityMax: z.int(),
  claimKind: z.enum(claimKinds).nullable().describe('How it is claimed before the visit'),
  claimsOpenAt: instant.nullable(),
  coPaymentFen: fen.describe('What the member pays for one of it at most'),
  limit: z.object({ ...limit.shape, left: z.int() }),
  quota: z.object({ left: z.int(), isExact: z.boolean() }),
  canUse: z.boolean(),
  reason: reason.nullable(),
  again: instant.nullable(),
  outletCount: z.int(),
  nearest: z.object(outlet).nullable(),
};

const hours = z.array(z.object({ opens: minute, closes: minute }).nullable());

const benefit = z.object({
  ...item,
  outlets: z.array(
    z.object({
      ...outlet,
      addressZh: z.string(),
      addressEn: z.string(),
      latitude: z.number(),
      longitude: z.number(),
      hours,
    }),
  ),
});

export const ofMembers = {
  'POST /api/me/card/enrolment': {
    tag: 'Card',
    summary: 'Put the card on this phone; takeover ends it on another one',
    caller: 'member',
    answers: { 200: z.object({ enrolledAt: instant }), 201: z.object({ enrolledAt: instant }) },
    refusals: ['card_on_another_phone', 'card_blocked'],
  },
  'POST /api/me/card/loss': {
    tag: 'Card',
    summary: 'Report the card lost',
    caller: 'member',
    answers: { 200: z.object({ lostAt: instant }) },
    refusals: ['card_not_enrolled'],
  },
  'GET /api/me/passes': {
    tag: 'Card',
    summary: 'The booklet: passes of the next two hours',
    caller: 'member',
    answers: { 200: passes },
    refusals: ['card_not_enrolled', 'card_replaced', 'card_lost', 'card_blocked', 'member_left'],
  },
  'GET /api/me/events': {
    tag: 'Card',
    summary: 'News for the open screen, to be polled',
    caller: 'member',
    answers: { 200: events, 304: null },
  },
  'GET /api/me/redemptions': {
    tag: 'Card',
    summary: 'One’s own redemptions, newest first',
    caller: 'member',
    answers: { 200: z.object({ redemptions: z.array(z.object(news)), next }) },
  },
  'POST /api/me/redemptions/:id/alert': {
    tag: 'Card',
    summary: 'Say that a redemption was not one’s own; the union sees it, the partner does not',
    caller: 'member',
    answers: {
      200: z.object({ alerted: z.literal(true) }),
      201: z.object({ alerted: z.literal(true) }),
    },
  },
  'GET /api/benefits': {
    tag: 'Benefits',
    summary: 'What this member can use, near here, today, and why not the rest',
    caller: 'member',
    answers: {
      200: z.object({
        sortedBy: z.enum(['location', 'district', 'home']),
        district: id.nullable(),
        items: z.array(z.object(item)),
      }),
    },
  },
  'GET /api/benefits/:id': {
    tag: 'Benefits',
    summary: 'One benefit with its outlets',
    caller: 'member',
    answers: { 200: benefit },
  },
  'GET /api/districts': {
    tag: 'Benefits',
    summary: 'The districts of the city',
    caller: 'anyone',
    answers: { 200: z.object({ districts: z.array(named.extend({ code: z.string() })) }) },
  },
} satisfies Operations;
