import { inWords } from './errors.ts';
import { m } from './paraglide/messages.js';
import { Problem } from './problem.ts';

// Refusals that only a desk or a manager meets: the card screen does not load their words.
const words = {
  partner_exists: m.error_partner_exists,
  operator_exists: m.error_operator_exists,
  trial_missing: m.error_trial_missing,
};

export type DeskCode = keyof typeof words;

/** As `inWords`, for a desk. */
export function inWordsAtDesk(thrown: unknown): string {
  const code = thrown instanceof Problem ? thrown.code : '';
  return code in words ? words[code as DeskCode]() : inWords(thrown);
}
