import { inWords } from './errors.ts';
import { m } from './paraglide/messages.js';
import { Problem } from './problem.ts';

// Refusals that only a desk or a manager meets: the card screen does not load their words.
const words = {
  officer_exists: m.error_officer_exists,
  last_administrator: m.error_last_administrator,
  administrator_from_above: m.error_administrator_from_above,
  invitation_closed: m.error_invitation_closed,
  proposal_own: m.error_proposal_own,
  proposal_stale: m.error_proposal_stale,
  proposal_closed: m.error_proposal_closed,
  partner_exists: m.error_partner_exists,
  operator_exists: m.error_operator_exists,
  trial_missing: m.error_trial_missing,
  period_begun: m.clearing_error_period_begun,
  period_not_over: m.clearing_error_period_not_over,
  period_earlier_open: m.clearing_error_period_earlier_open,
  period_closed: m.clearing_error_period_closed,
  statement_confirmed: m.clearing_error_statement_confirmed,
  statement_own: m.clearing_error_statement_own,
  statement_disputed: m.clearing_error_statement_disputed,
  statement_invoiced: m.clearing_error_statement_invoiced,
  statement_paid: m.clearing_error_statement_paid,
  invoice_missing: m.clearing_error_invoice_missing,
  paid_on_impossible: m.clearing_error_paid_on_impossible,
  line_unknown: m.clearing_error_line_unknown,
  line_disputed: m.clearing_error_line_disputed,
  line_suspended: m.clearing_error_line_suspended,
  claim_out_of_range: m.clearing_error_claim_out_of_range,
  dispute_closed: m.clearing_error_dispute_closed,
  dispute_own: m.clearing_error_dispute_own,
  too_many_lines: m.clearing_error_too_many_lines,
};

export type DeskCode = keyof typeof words;

/** As `inWords`, for a desk. */
export function inWordsAtDesk(thrown: unknown): string {
  const code = thrown instanceof Problem ? thrown.code : '';
  return code in words ? words[code as DeskCode]() : inWords(thrown);
}
