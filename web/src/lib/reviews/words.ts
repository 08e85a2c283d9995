import { payerNames } from '#lib/console/offline-terms.ts';
import { reasonWords } from '#lib/offline/reason-words.ts';
import { m } from '#lib/paraglide/messages.js';
import { said } from '#lib/said.ts';
import type { Decision, ReviewItem, Verdict } from './types.ts';

export const verdictNames = {
  duplicate: m.review_duplicate,
  over_limit: m.review_over_limit,
  needs_review: m.review_needs_review,
} satisfies Record<Verdict, () => string>;

const payers = {
  union: m.review_payer_union,
  district: m.review_payer_district,
  partner: m.review_payer_partner,
} satisfies Record<NonNullable<ReviewItem['payer']>, () => string>;

export const payerInWords = ({ payer, decision }: ReviewItem): string =>
  payer === null ? nobodyInWords(decision) : payers[payer]();

/** The same as the answer to a question. */
export const bearerInWords = ({ payer, decision }: ReviewItem): string =>
  payer === null ? nobodyInWords(decision) : payerNames[payer]();

const nobodyInWords = (decision: ReviewItem['decision']): string =>
  decision === null ? m.review_payer_open() : m.review_payer_none();

/** What it was for, or that the scan cannot be read. */
export const benefitInWords = ({ benefit }: ReviewItem): string =>
  benefit === null ? m.review_unreadable() : said(benefit, 'title');

export const whyInWords = ({ reason }: ReviewItem): string => {
  const words = reasonWords(reason);
  return words === '' ? reason : words;
};

type Step = { name: string; text: string };

/**
 * What a decision is called and does. Nothing is booked yet for what is in doubt; a use that was one too many is booked,
 * and a decision lets that stand or takes it back.
 */
export function stepOf(item: ReviewItem, decision: Decision): Step {
  if (item.verdict === 'needs_review') {
    return decision === 'pay'
      ? { name: m.review_pay(), text: m.review_pay_text() }
      : { name: m.review_reject(), text: m.review_reject_text() };
  }
  return decision === 'pay'
    ? { name: m.review_keep(), text: m.review_keep_text({ payer: payerInWords(item) }) }
    : { name: m.review_undo(), text: m.review_undo_text() };
}
