import { inWords } from './errors.ts';
import { m } from './paraglide/messages.js';
import { Problem } from './problem.ts';

// Refusals that only a desk or a manager meets: the card screen does not load their words.
const words = {
  budget_missing: m.error_budget_missing,
  budget_short: m.error_budget_short,
  payer_not_yours: m.error_payer_not_yours,
  nothing_to_copy: m.error_nothing_to_copy,
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
  import_at_another_step: m.members_error_step,
  parts_missing: m.members_error_parts,
  file_differs: m.members_error_differs,
  file_unreadable: m.members_error_unreadable,
  file_too_large: m.members_error_large,
  undo_too_late: m.members_error_undo_late,
  id_number_invalid: m.members_row_id,
  person_unknown: m.members_error_person,
  transfer_asked: m.members_error_asked,
};

export type DeskCode = keyof typeof words;

/** As `inWords`, for a desk. */
export function inWordsAtDesk(thrown: unknown): string {
  const code = thrown instanceof Problem ? thrown.code : '';
  return code in words ? words[code as DeskCode]() : inWords(thrown);
}
