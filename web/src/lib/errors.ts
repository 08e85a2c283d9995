import type { ProblemCode, Reason } from '../../../api/errors.ts';
import { m } from '#lib/paraglide/messages.js';
import type { DeskCode } from './desk-words.ts';
import { Problem } from './problem.ts';

// The way to the server, and the sign-in library, have codes of their own.
type Elsewhere =
  | 'offline'
  | 'timeout'
  | 'forbidden'
  | 'otp_not_found'
  | 'otp_expired'
  | 'invalid_otp'
  | 'invalid_code'
  | 'receipt_invalid'
  | 'status_not_signed'
  | 'storage_failed';

// Refusals of a card or a benefit have their words in reasons.ts, which the card screen does not load.
const words = {
  offline: m.error_offline,
  timeout: m.error_timeout,
  forbidden: m.error_forbidden,
  otp_not_found: m.error_otp_not_found,
  otp_expired: m.error_otp_expired,
  invalid_otp: m.error_invalid_otp,
  invalid_code: m.error_invalid_code,
  invalid_request: m.error_invalid_request,
  invalid_json: m.error_invalid_json,
  unsupported_media_type: m.error_unsupported_media_type,
  body_too_large: m.error_body_too_large,
  not_signed_in: m.error_not_signed_in,
  second_factor_required: m.error_second_factor_required,
  foreign_origin: m.error_foreign_origin,
  not_found: m.error_not_found,
  code_not_accepted: m.error_code_not_accepted,
  too_many_attempts: m.error_too_many_attempts,
  phone_invalid: m.error_phone_invalid,
  card_not_enrolled: m.error_card_not_enrolled,
  card_on_another_phone: m.error_card_on_another_phone,
  not_a_member: m.error_not_a_member,
  pass_invalid: m.error_pass_invalid,
  pass_of_another_city: m.error_pass_of_another_city,
  ticket_invalid: m.error_ticket_invalid,
  id_not_of_card: m.error_id_not_of_card,
  already_reversed: m.error_already_reversed,
  reversal_too_late: m.error_reversal_too_late,
  cap_below_used: m.error_cap_below_used,
  cap_above_benefit: m.error_cap_above_benefit,
  changed_meanwhile: m.error_changed_meanwhile,
  pairing_invalid: m.error_pairing_invalid,
  upload_not_signed: m.error_upload_not_signed,
  device_revoked: m.error_device_revoked,
  already_decided: m.error_already_decided,
  not_payable: m.error_not_payable,
  receipt_invalid: m.error_receipt_invalid,
  status_not_signed: m.error_status_not_signed,
  storage_failed: m.error_storage_failed,
  second_factor_exists: m.error_second_factor_exists,
  sms_unavailable: m.error_sms_unavailable,
  busy: m.error_busy,
  database_unavailable: m.error_database_unavailable,
  internal_error: m.error_internal_error,
} satisfies Record<Exclude<ProblemCode, Reason | DeskCode> | Elsewhere, () => string>;

/** A sentence for whatever was thrown; what is no Problem is a defect of ours, and said so. */
export function inWords(thrown: unknown): string {
  const code = thrown instanceof Problem ? thrown.code : 'internal_error';
  return (code in words ? words[code as keyof typeof words] : words.internal_error)();
}
