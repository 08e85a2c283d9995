import * as z from 'zod';
import { alert as alertTable } from '../../db/schema/audit.ts';
import { benefit as benefitTable, claimKinds, payers } from '../../db/schema/benefits.ts';
import { offlineReasons } from '../../db/schema/offline-reasons.ts';
import { reasons } from '../../db/schema/reasons.ts';
import { offlinePolicy } from '../../db/schema/leases.ts';
import { actions, subjects } from '../audit/record.ts';
import { allDeeds } from '../unions/office.ts';
import { opening } from './of-budgets.ts';
import { proposed } from './of-people.ts';
import type { Operations } from './operation.ts';
import {
  audience,
  cardKind,
  fen,
  id,
  instant,
  kind,
  minute,
  named,
  next,
  period,
  title,
  uuid,
} from './shapes.ts';

const tag = 'Console';

const union = z.object({
  id,
  parentId: id.nullable(),
  kind: z.enum(['city', 'district', 'street', 'industry', 'enterprise']),
  level: z.int(),
  districtId: id.nullable(),
  districtCode: z.string().nullable(),
  nameZh: z.string(),
  nameEn: z.string(),
  canAdminister: z.boolean(),
  deeds: z.array(z.enum(allDeeds)),
});

const figures = {
  redemptions: z.int().describe('Less what was undone then'),
  quantity: z.int(),
  amountFen: z.int().describe('What unions pay partners for it, in fen'),
};

const overview = z.object({
  since: instant,
  today: z.object(figures),
  month: z.object(figures),
  total: z.object({ ...figures, across: z.int().describe('In another district than the home') }),
  openAlerts: z.int(),
  openProposals: z.int(),
  openDisputes: z.int(),
  budget: z
    .object({
      amountFen: fen,
      usedFen: z.int(),
      reservedFen: fen,
      endsOn: z.iso.date().meta({ pattern: undefined }).nullable(),
    })
    .nullable()
    .describe('The union’s own of this year'),
  hosts: z.array(named.extend({ code: z.string(), redemptions: z.int() })),
  flows: z.array(z.object({ home: named, host: named, redemptions: z.int() })),
});

const pool = z
  .object({
    districtId: id.nullable(),
    nameZh: z.string().nullable(),
    nameEn: z.string().nullable(),
    cap: z.int(),
    topped: z.int().describe('Of the cap: added by its district, which alone pays them'),
    toppedUsed: z.int(),
    used: z.int(),
    leased: z.int().describe('In devices’ hands and not used yet'),
    claimed: z.int().describe('Claimed before the visit and not used yet'),
    canEdit: z.boolean(),
    canTopUp: z.boolean(),
  })
  .meta({
    id: 'Pool',
    description: 'Places of a home district, or shared where districtId is null',
  });

const pause = { pausedAt: instant.nullable(), pauseReason: z.string().nullable() };

const stage = z.enum(benefitTable.stage.enumValues);

const share = z.object({
  payer: z.enum(payers),
  amountFen: fen.optional(),
  parts: z.int().optional(),
  capFen: fen.optional(),
});

const summary = z.object({
  id,
  union: named,
  kind,
  titleZh: z.string(),
  titleEn: z.string(),
  priceFen: fen,
  startsAt: instant,
  endsAt: instant,
  ...pause,
  stage,
  cap: z.int().nullable(),
  canEdit: z.boolean(),
  allocations: z.array(pool),
});

const offlineTerms = z.object({
  units: z.int().describe('In the hands of one device at most'),
  hours: z.int(),
  cardUsesADay: z.int(),
  valueMaxFen: fen.describe('At once'),
  variancePayer: z
    .enum(offlinePolicy.variancePayer.enumValues)
    .describe('Who bears a use that turns out to be one too many'),
});

const terms = z.object({
  id,
  version: z.int(),
  union: named,
  kind,
  titleZh: z.string(),
  titleEn: z.string(),
  summaryZh: z.string(),
  summaryEn: z.string(),
  priceFen: fen,
  faceValueFen: fen,
  startsAt: instant,
  endsAt: instant,
  weekdays: z.array(z.int()).describe('1 is Monday'),
  opensMinute: minute,
  closesMinute: minute,
  audience,
  validDistricts: z.array(id).nullable().describe('null: at outlets of every district'),
  quantityMax: z.int(),
  limitCount: z.int(),
  limitPeriod: period,
  limitDays: z.int().nullable(),
  limitFamily: z.boolean().describe('Times the member’s family'),
  printedLimit: z.int(),
  quotaPeriod: z.enum(benefitTable.quotaPeriod.enumValues),
  funding: z.array(share).nullable().describe('null: the owner of the places pays all'),
  stage,
  claimKind: z.enum(claimKinds).nullable().describe('null: it is used by walking in'),
  heldBy: named.nullable().describe('A union above that alone may change it'),
  heldReason: z.string().nullable().describe('Why; null also where only its pause holds it'),
  cap: z.int().nullable(),
  offline: offlineTerms.nullable().describe('null: for online use alone'),
  ...pause,
  partners: z.array(named),
  canEdit: z.boolean(),
  isProposed: z.boolean().describe('A change of price or payers waits for a second person'),
  canRestrict: z.boolean().describe('Hold it or free it, as an office above its union'),
});

const made = z.object({ id, version: z.int() });
const paused = z.object({ id, version: z.int(), pausedAt: instant.nullable() });
const redemption = z.object({
  id: uuid,
  at: instant,
  bookedAt: instant,
  reversedAt: instant.nullable(),
  benefit: title,
  homeDistrict: named.nullable().describe('Of the member, at the scan; null: not known'),
  isShared: z.boolean().describe('Charged to the shared places'),
  hostDistrict: named,
  partner: named,
  outlet: named,
  quantity: z.int(),
  variance: z
    .enum([...reasons, ...offlineReasons])
    .nullable()
    .describe('Why an offline use was one too many'),
  priceFen: fen,
  amountFen: fen.describe('What the partner is paid'),
  cardKind,
  canReverse: z.boolean(),
});

const alert = z.object({
  id,
  kind: z.enum(alertTable.kind.enumValues),
  union: named,
  raisedAt: instant,
  closedAt: instant.nullable(),
  closeReason: z.string().nullable(),
  redemption: z
    .object({
      id: uuid,
      at: instant,
      quantity: z.int(),
      isReversed: z.boolean(),
    })
    .nullable(),
  benefit: title.nullable(),
  device: z.object({ id, name: z.string(), outlet: named }).nullable(),
  seq: z.int().nullable().describe('The first missing or doubtful scan of the device'),
  budget: z
    .object({ unionId: id, year: z.int(), percent: z.int(), amountFen: fen })
    .nullable()
    .describe('Whose budget reached this share of the amount it then had'),
  outlet: named.nullable(),
  hostDistrict: named.nullable(),
  canClose: z.boolean(),
});

const fields = z.record(
  z.string(),
  z.union([
    z.string(),
    z.number(),
    z.boolean(),
    z.null(),
    z.array(z.number()),
    audience,
    offlineTerms,
  ]),
);

const person = z.object({ id: z.string(), name: z.string().nullable() });

const entry = z.object({
  id,
  at: instant,
  actor: person,
  union: named,
  action: z.enum(actions),
  subject: z.enum(subjects),
  subjectId: z.string(),
  reason: z.string().nullable(),
  confirmedBy: person.nullable().describe('The second person, where it took two'),
  before: fields.nullable(),
  after: fields.nullable(),
  seq: z.int().nullable().describe('Its place in the chain; null until it is linked'),
});

const cardState = z.object({
  status: z.enum(['live', 'replaced', 'lost', 'blocked']),
  canBlock: z.boolean(),
});

export const ofConsole = {
  'GET /api/unions': {
    tag,
    summary: 'The caller’s unions and all below them, parents first',
    caller: 'officer',
    answers: { 200: z.object({ unions: z.array(union) }) },
  },
  'GET /api/unions/:id/overview': {
    tag,
    summary: 'What was used lately of what a union pays for or hosts, and where',
    caller: 'officer',
    answers: { 200: overview },
  },
  'GET /api/unions/:id/benefits': {
    tag,
    summary: 'The benefits that concern a union, with what is used of each pool',
    caller: 'officer',
    answers: { 200: z.object({ benefits: z.array(summary) }) },
  },
  'POST /api/unions/:id/benefits': {
    tag,
    summary: 'Make a benefit of a union',
    caller: 'administrator',
    answers: { 201: made },
  },
  'GET /api/benefits/:id/terms': {
    tag,
    summary: 'A benefit’s terms',
    caller: 'officer',
    answers: { 200: terms },
  },
  'PATCH /api/benefits/:id/terms': {
    tag,
    summary: 'Change a benefit’s terms, if they are still those of the version that was read',
    caller: 'administrator',
    answers: { 200: made, 202: proposed },
    refusals: [
      'changed_meanwhile',
      'claims_need_network',
      'cap_below_used',
      'cap_above_benefit',
      'payer_not_yours',
      'budget_missing',
      'budget_short',
    ],
  },
  'POST /api/benefits/:id/pause': {
    tag,
    summary: 'Stop a benefit for everybody at the next request',
    caller: 'administrator',
    answers: { 200: paused },
    refusals: ['changed_meanwhile'],
  },
  'POST /api/benefits/:id/resume': {
    tag,
    summary: 'Open a paused benefit again',
    caller: 'administrator',
    answers: { 200: paused },
    refusals: ['changed_meanwhile'],
  },
  'GET /api/benefits/:id/allocations': {
    tag,
    summary: 'The pools of a benefit that the caller may see',
    caller: 'officer',
    answers: {
      200: z.object({
        quotaPeriod: z.enum(benefitTable.quotaPeriod.enumValues),
        month: z.string().nullable(),
        months: z.array(z.string()),
        cap: z.int().nullable(),
        allocated: z.int(),
        canOpen: z.boolean(),
        allocations: z.array(pool),
        proposedPools: z
          .array(id.nullable())
          .describe('What a proposal that waits for a second person would change; null: shared'),
        openings: z.array(opening),
      }),
    },
  },
  'PUT /api/benefits/:id/allocations/:pool': {
    tag,
    summary: 'Set the cap of one pool: the id of a home district, or shared',
    caller: 'administrator',
    answers: {
      200: z.object({ districtId: id.nullable(), cap: z.int(), used: z.int() }),
      202: proposed,
    },
    refusals: [
      'cap_below_used',
      'cap_above_benefit',
      'draw_committed',
      'payer_not_yours',
      'period_closed',
      'budget_missing',
      'budget_short',
    ],
  },
  'GET /api/redemptions/:id/card': {
    tag,
    summary: 'How the card behind a redemption stands, for the member’s own unions',
    caller: 'officer',
    answers: { 200: cardState },
  },
  'POST /api/redemptions/:id/card/block': {
    tag,
    summary: 'Block the card behind a redemption',
    caller: 'administrator',
    answers: { 200: cardState },
    refusals: ['changed_meanwhile'],
  },
  'DELETE /api/redemptions/:id/card/block': {
    tag,
    summary: 'Let a blocked card work again',
    caller: 'administrator',
    answers: { 200: cardState },
    refusals: ['changed_meanwhile'],
  },
  'GET /api/redemptions': {
    tag,
    summary: 'Redemptions that the caller’s unions pay for or host, newest first',
    caller: 'officer',
    answers: { 200: z.object({ redemptions: z.array(redemption), next }) },
  },
  'GET /api/redemptions.csv': {
    tag,
    summary: 'The same, whole, as a file',
    caller: 'officer',
    answers: { 200: 'text/csv' },
  },
  'GET /api/alerts': {
    tag,
    summary: 'What members pointed out, and what is wrong with a device’s log, newest first',
    caller: 'officer',
    answers: { 200: z.object({ alerts: z.array(alert), next }) },
  },
  'POST /api/alerts/:id/close': {
    tag,
    summary: 'Say that an alert was looked into; once. Scans missing in a gap are lost by it',
    caller: 'administrator',
    answers: {
      200: z.object({ id, closedAt: instant.nullable(), closeReason: z.string().nullable() }),
    },
    refusals: ['changed_meanwhile'],
  },
  'GET /api/audit': {
    tag,
    summary: 'Administrative changes for the caller’s unions, newest first',
    caller: 'officer',
    answers: { 200: z.object({ entries: z.array(entry), next }) },
  },
} satisfies Operations;
