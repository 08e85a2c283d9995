import fc from 'fast-check';
import type { Share } from '../../../db/schema/benefits.ts';
import type { Bearer, Decision, District, Period } from './rules.ts';

export const memberCount = 3;
export const benefitCount = 2;
export const deviceCount = 3;

/** What a pool is named by in a history: a district, or all. */
export type PoolName = 'home' | 'host' | 'shared';

/** Who shows a pass for what. `ago` minutes and `second` say when; a small `id` makes ids meet again. */
type Shown = {
  member: number;
  benefit: number;
  quantity: number;
  ago: number;
  second: number;
  id: number | null;
};

export type Step =
  | { kind: 'redeem'; shown: Shown[] }
  | { kind: 'scan'; device: number; shown: Shown[]; lease: 'own' | 'foreign' }
  | { kind: 'upload'; device: number; from: number; count: number }
  | { kind: 'reverse'; use: number }
  | { kind: 'decide'; device: number; seq: number; decision: Decision }
  | { kind: 'cap'; benefit: number; pool: PoolName; cap: number }
  | { kind: 'pause' | 'resume'; benefit: number }
  | { kind: 'charge'; benefit: number; bearer: Bearer }
  | { kind: 'fund'; benefit: number; funding: Share[] | null }
  | { kind: 'move'; member: number; to: District }
  | { kind: 'renew' | 'giveBack' | 'revoke'; device: number }
  | { kind: 'wait'; minutes: number };

export type History = {
  /** What each benefit's limit counts, who pays for one too many, and how much a device may do by itself. */
  policies: {
    period: Period;
    bearer: Bearer;
    units: number;
    cardUsesADay: number;
    valueMaxFen: number;
    /** Who shares a use, how many the partner may give, and how many of the home pool are its district's top-up. */
    funding: Share[] | null;
    admitted: number;
    topped: number;
  }[];
  steps: Step[];
};

export const priceFen = 4500;
export const limit = 3;
export const quantityMax = 2;

const upTo = (max: number) => fc.nat({ max });
const device = upTo(deviceCount - 1);
const benefit = upTo(benefitCount - 1);

const shown: fc.Arbitrary<Shown> = fc.record({
  member: upTo(memberCount - 1),
  benefit,
  quantity: fc.oneof(
    { weight: 12, arbitrary: fc.constant(1) },
    { weight: 4, arbitrary: fc.constant(2) },
    { weight: 1, arbitrary: fc.constant(quantityMax + 1) },
  ),
  ago: upTo(3),
  second: fc.constantFrom(0, 20, 40),
  id: fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: upTo(5) }),
});

const bearer = fc.constantFrom<Bearer[]>('union', 'district', 'partner');

const funding = fc.constantFrom<(Share[] | null)[]>(
  null,
  [
    { payer: 'city', parts: 1 },
    { payer: 'headquarters', parts: 2 },
  ],
  [
    { payer: 'co_payment', amountFen: 1001 },
    { payer: 'home', parts: 1, capFen: 500 },
    { payer: 'discount', amountFen: 700 },
    { payer: 'host', parts: 2 },
  ],
);

const kind = <K extends string>(...names: K[]) => fc.constantFrom(...names);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: kind('redeem'),
      shown: fc.array(shown, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: kind('scan'),
      device,
      shown: fc.array(shown, { minLength: 1, maxLength: 5, size: 'max' }),
      lease: fc.constantFrom('own', 'own', 'own', 'own', 'own', 'own', 'own', 'foreign'),
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: kind('upload'),
      device,
      from: fc.constantFrom(0, 1, 1, 1, 1, 2, 3),
      count: fc.integer({ min: 1, max: 8 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kind('reverse'), use: upTo(20) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('decide'),
      device,
      seq: upTo(12),
      decision: kind('pay', 'reject'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind('cap'),
      benefit,
      pool: kind('home', 'host', 'shared'),
      cap: upTo(24),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: kind('pause', 'resume'), benefit }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('charge'), benefit, bearer }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('fund'), benefit, funding }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('move'),
      member: upTo(memberCount - 1),
      to: kind('home', 'host'),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: kind('renew'), device }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('giveBack'), device }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('revoke'), device }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('wait'),
      minutes: fc.constantFrom(1, 2, 2, 4, 90, 90, 780, 1440),
    }),
  },
);

/** Anything that a rush, offline phones and a union may do to two benefits in a few days. */
export const history: fc.Arbitrary<History> = fc.record({
  policies: fc.array(
    fc.record({
      period: kind('day', 'day', 'week', 'total'),
      bearer,
      units: fc.integer({ min: 1, max: 6 }),
      cardUsesADay: fc.integer({ min: 2, max: 5 }),
      valueMaxFen: fc.constantFrom(priceFen, priceFen * quantityMax, priceFen * quantityMax),
      funding,
      admitted: fc.constantFrom(5, 999, 999, 999),
      topped: fc.constantFrom(0, 0, 1, 2),
    }),
    { minLength: benefitCount, maxLength: benefitCount },
  ),
  steps: fc.array(step, { minLength: 12, maxLength: 40, size: 'max' }),
});
