import fc from 'fast-check';
import { type Kind, type PoolName, quantityMax } from './claim-rules.ts';

export const memberCount = 4;
export const sessionCount = 2;

export type Wish = { member: number; session: number; quantity: number; waits: boolean };
export type ClaimStep =
  | { kind: 'claim'; wishes: Wish[] }
  | { kind: 'confirm' | 'cancel'; claim: number }
  | { kind: 'move'; claim: number; session: number }
  | { kind: 'decide'; claim: number; isYes: boolean }
  | { kind: 'redeem'; member: number }
  | { kind: 'reverse'; use: number }
  | { kind: 'resize'; session: number; cap: number }
  | { kind: 'pool'; pool: PoolName; cap: number }
  | { kind: 'callOff'; session: number }
  | { kind: 'lift'; member: number }
  | { kind: 'leave' | 'transfer'; member: number }
  | { kind: 'end' }
  | { kind: 'wait'; minutes: number };

export type ClaimHistory = {
  kind: Kind;
  holdMinutes: number | null;
  needsApproval: boolean;
  hasWaitList: boolean;
  caps: number[];
  pools: Record<PoolName, number>;
  units: number[][];
  steps: ClaimStep[];
};

const upTo = (max: number) => fc.nat({ max });
const kind = <K extends string>(...names: K[]) => fc.constantFrom(...names);
const member = upTo(memberCount - 1);
const session = upTo(sessionCount - 1);
const claim = upTo(9);

const wish: fc.Arbitrary<Wish> = fc.record({
  member,
  session: fc.constantFrom(0, 0, 1),
  quantity: fc.constantFrom(1, 1, 1, quantityMax),
  waits: fc.constantFrom(true, true, true, false),
});

const step: fc.Arbitrary<ClaimStep> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      kind: kind('claim'),
      wishes: fc.array(wish, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: kind('confirm'), claim }) },
  { weight: 7, arbitrary: fc.record({ kind: kind('cancel'), claim }) },
  { weight: 4, arbitrary: fc.record({ kind: kind('move'), claim, session }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind('decide'),
      claim,
      isYes: fc.constantFrom(true, true, false),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: kind('redeem'), member }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('reverse'), use: upTo(3) }) },
  { weight: 3, arbitrary: fc.record({ kind: kind('resize'), session, cap: upTo(4) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: kind('pool'), pool: kind('home', 'shared'), cap: upTo(5) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('callOff'), session }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('lift'), member }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('leave', 'transfer'), member }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: kind('wait'),
      minutes: fc.constantFrom(0.5, 0.5, 1, 1, 6, 11, 30, 60, 60, 150, 300, 1440),
    }),
  },
);

/** What members, an organiser and the clock may do to one benefit of any kind in a few days. */
export const claimHistory: fc.Arbitrary<ClaimHistory> = fc.record({
  kind: kind('drop', 'draw', 'slot', 'sign_up', 'offer'),
  holdMinutes: fc.constantFrom(null, 5),
  needsApproval: fc.constantFrom(false, false, true),
  hasWaitList: fc.constantFrom(true, true, true, false),
  caps: fc.array(fc.integer({ min: 1, max: 3 }), {
    minLength: sessionCount,
    maxLength: sessionCount,
  }),
  pools: fc.record({ home: upTo(3), shared: fc.integer({ min: 1, max: 3 }) }),
  units: fc.array(
    fc.array(fc.integer({ min: 1, max: 2 }), {
      minLength: sessionCount,
      maxLength: sessionCount,
    }),
    { minLength: 2, maxLength: 2 },
  ),
  steps: fc
    .tuple(
      fc.array(step, { minLength: 12, maxLength: 40, size: 'max' }),
      fc.constantFrom<ClaimStep[]>([], [], [], [{ kind: 'end' }]),
      fc.array(step, { maxLength: 5 }),
    )
    .map((parts) => parts.flat()),
});
