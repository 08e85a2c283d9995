import type { Titled } from '#lib/scan/refusal.ts';

/** A benefit that may be given now: what it is worth, how many at most, and what else is known about it. */
export type Choosable = Titled & {
  id: number;
  priceFen: number;
  faceValueFen: number;
  /** What the member pays of one unit at the counter. A briefing from before there was any lacks it. */
  coPaymentFen?: number;
  most: number;
  facts: readonly string[];
};
