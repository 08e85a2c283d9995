import { count, yuan } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import type { BenefitItem } from './types.ts';

type Limit = BenefitItem['limit'];
type Words = Record<Limit['period'], (given: { count: string; days: string }) => string>;

const left: Words = {
  day: m.benefit_left_day,
  week: m.benefit_left_week,
  month: m.benefit_left_month,
  total: m.benefit_left_total,
  rolling: m.budgets_left_rolling,
};

const whole: Words = {
  day: m.benefit_limit_day,
  week: m.benefit_limit_week,
  month: m.benefit_limit_month,
  total: m.benefit_limit_total,
  rolling: m.budgets_limit_rolling,
};

/** "2 more this month". */
export const leftForMe = (limit: Omit<Limit, 'count'>): string =>
  left[limit.period]({ count: count(limit.left), days: count(limit.days ?? 0) });

/** "2 a month". */
export const limitInWords = (limit: Omit<Limit, 'left'>): string =>
  whole[limit.period]({ count: count(limit.count), days: count(limit.days ?? 0) });

/** Exact when few are left, round when many are. */
export const placesLeft = ({ left, isExact }: BenefitItem['quota']): string =>
  isExact
    ? m.benefit_places({ count: count(left) })
    : m.benefit_places_many({ count: count(left) });

/** What the member pays: nothing, or his part. */
export const costs = ({ coPaymentFen }: Pick<BenefitItem, 'coPaymentFen'>): string =>
  coPaymentFen === 0 ? m.common_free() : m.own_pays({ price: yuan(coPaymentFen) });
