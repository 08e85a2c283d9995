import fc from 'fast-check';
import { companies } from './room-rules.ts';

/** For so many half-hours from that one of the day, `inDays` days from today. */
export type RoomWish = {
  member: number;
  inDays: number;
  from: number;
  halfHours: number;
  people: number;
};
export type RoomStep =
  | ({ kind: 'ask' } & RoomWish)
  | { kind: 'again'; claim: number; isOther: boolean }
  | { kind: 'decide'; claim: number; isYes: boolean }
  | { kind: 'cancel' | 'attend' | 'absent' | 'miss'; claim: number }
  | { kind: 'lift' | 'leave' | 'transfer'; member: number }
  | { kind: 'wait'; minutes: number };

export type RoomHistory = {
  needsApproval: boolean;
  pools: { home: number; shared: number };
  steps: RoomStep[];
};

const upTo = (max: number) => fc.nat({ max });
const kind = <K extends string>(...names: K[]) => fc.constantFrom(...names);
const member = upTo(companies.length - 1);
const claim = upTo(9);

const ask: fc.Arbitrary<RoomStep> = fc.record({
  kind: kind('ask'),
  member,
  inDays: fc.constantFrom(0, 1, 1, 1, 2, 2, 2, 3),
  from: fc.constantFrom(17, 18, 18, 19, 20, 20, 21, 22, 22, 23, 24, 26),
  halfHours: fc.constantFrom(1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5),
  people: fc.constantFrom(1, 1, 12, 12, 20, 20, 20, 21),
});

const step: fc.Arbitrary<RoomStep> = fc.oneof(
  { weight: 20, arbitrary: ask },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind('again'), claim, isOther: fc.boolean() }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('decide'),
      claim,
      isYes: fc.constantFrom(true, true, false),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: kind('cancel'), claim }) },
  { weight: 6, arbitrary: fc.record({ kind: kind('attend', 'absent', 'miss', 'miss'), claim }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind('lift', 'leave', 'transfer', 'transfer'), member }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: kind('wait'),
      minutes: fc.constantFrom(30, 60, 60, 90, 240, 720, 1440, 2880, 4320),
    }),
  },
);

/** What members of two companies, the owner of a shared room and the clock may do in a few weeks. */
export const roomHistory: fc.Arbitrary<RoomHistory> = fc.record({
  needsApproval: fc.boolean(),
  pools: fc.record({ home: upTo(2), shared: fc.integer({ min: 1, max: 6 }) }),
  steps: fc.array(step, { minLength: 15, maxLength: 45, size: 'max' }),
});
