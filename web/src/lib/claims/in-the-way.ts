import type { Reason } from '../../../../api/errors.ts';

const passed: readonly string[] = ['limit_reached', 'category_limit_reached', 'quota_exhausted'];

/** Whether a reason keeps somebody from a claim: not what he has already claimed, nor what he may wait for. */
export const isInTheWay = (reason: Reason | null): boolean =>
  reason !== null && !passed.includes(reason);
