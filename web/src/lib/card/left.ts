import { count } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';

const words = {
  day: m.card_left_day,
  week: m.card_left_week,
  month: m.card_left_month,
  total: m.card_left_total,
  rolling: m.card_left_total,
} as const;

/** "2 more this month": what the member's own limit still allows. */
export function leftInWords(left: { count: number; period: keyof typeof words }): string {
  return words[left.period]({ count: count(left.count) });
}
