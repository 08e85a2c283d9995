import * as z from 'zod';
import type { Operations } from './operation.ts';
import { fen, id, instant, kind, minute, named, period } from './shapes.ts';

const tag = 'Devices';

const device = z.object({
  id,
  name: z.string(),
  outlet: named,
  partner: named,
  pairedAt: instant,
  seenAt: instant,
  revokedAt: instant.nullable(),
  judgedSeq: z.int().describe('Every scan up to it has its verdict or was declared lost'),
  unitsOut: z.int().describe('Leased to it and not used'),
  waiting: z.int().describe('Scans that are kept and wait for an earlier one'),
  canRevoke: z.boolean(),
});

const key = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  kid: z.string(),
  alg: z.literal('ES256'),
  use: z.literal('sig'),
});

const briefing = z.object({
  serverTime: instant,
  device: z.object({ id, name: z.string(), revokedAt: instant.nullable() }),
  outlet: named.extend({ districtZh: z.string(), districtEn: z.string() }),
  benefits: z.array(
    z.object({
      id,
      kind,
      titleZh: z.string(),
      titleEn: z.string(),
      priceFen: fen,
      faceValueFen: fen,
      quantityMax: z.int(),
      startsAt: instant,
      endsAt: instant,
      weekdays: z.array(z.int()),
      opensMinute: minute,
      closesMinute: minute,
      limitCount: z.int(),
      limitPeriod: period,
      coPaymentFen: fen.describe('what the member pays of one unit at the counter'),
      offline: z
        .object({ cardUsesADay: z.int(), valueMaxFen: fen, hours: z.int() })
        .nullable()
        .describe('null: this benefit needs a network'),
    }),
  ),
  keys: z.array(key).describe('As in /.well-known/jwks.json'),
});

const leases = z.object({
  serverTime: instant,
  leases: z.array(z.object({ id, benefit: id, units: z.int(), used: z.int(), expiresAt: instant })),
});

export const ofDevices = {
  'POST /api/outlets/:id/pairings': {
    tag,
    summary: 'Invite one phone of an outlet; the code is good once, for ten minutes',
    caller: 'manager',
    answers: { 201: z.object({ code: z.string(), url: z.string(), expiresAt: instant }) },
    refusals: ['second_factor_required'],
  },
  'POST /api/devices': {
    tag,
    summary: 'Make the phone that holds this key a device of the outlet that invited it',
    caller: 'operator',
    answers: { 201: z.object({ id, name: z.string(), outlet: named, pairedAt: instant }) },
    refusals: ['pairing_invalid'],
  },
  'GET /api/devices': {
    tag,
    summary: 'Devices of the partners that the caller manages, or that his unions contracted',
    caller: 'manager',
    answers: { 200: z.object({ devices: z.array(device) }) },
    refusals: ['second_factor_required'],
  },
  'POST /api/devices/:id/revocation': {
    tag,
    summary: 'End a device at once, and take its leases back',
    caller: 'manager',
    answers: { 200: z.object({ id, revokedAt: instant }) },
    refusals: ['changed_meanwhile', 'second_factor_required'],
  },
  'GET /api/devices/:id/briefing': {
    tag,
    summary: 'What the device must know to scan without a network; with an ETag',
    caller: 'operator',
    answers: { 200: briefing, 304: null },
    refusals: ['device_revoked'],
  },
  'POST /api/devices/:id/leases': {
    tag,
    summary: 'Fill the device’s leases up, and judge what it uploaded before',
    caller: 'operator',
    answers: { 200: leases },
    refusals: ['device_revoked'],
  },
  'DELETE /api/devices/:id/leases': {
    tag,
    summary: 'Give back what the device has not used',
    caller: 'operator',
    answers: { 200: leases },
  },
  'GET /api/card-status': {
    tag,
    summary: 'The cards to refuse without a network: signed, compact, with an ETag',
    caller: 'operator',
    answers: { 200: 'application/octet-stream', 304: null },
    refusals: ['second_factor_required'],
  },
} satisfies Operations;
