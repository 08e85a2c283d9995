import { m } from '#lib/paraglide/messages.js';
import { Problem } from './problem.ts';

// Words for refusals of the service itself; refusals of a card or a benefit have theirs in reasons.ts.
const words = {
  offline: m.error_offline,
  timeout: m.error_timeout,
  session_required: m.error_session_required,
  session_revoked: m.error_session_revoked,
  second_factor_required: m.error_second_factor_required,
  forbidden: m.error_forbidden,
  not_found: m.error_not_found,
  invalid_request: m.error_invalid_request,
  rate_limited: m.error_rate_limited,
  overloaded: m.error_overloaded,
  internal: m.error_internal,
  invalid_phone_number: m.error_invalid_phone_number,
  pass_invalid: m.error_pass_invalid,
  invalid_otp: m.error_invalid_otp,
  otp_not_found: m.error_otp_not_found,
  otp_expired: m.error_otp_expired,
  too_many_attempts: m.error_too_many_attempts,
  version_conflict: m.error_version_conflict,
};

/** A sentence for a thrown error; one that is no Problem is a defect of ours, and said so. */
export function inWords(thrown: unknown): string {
  const code = thrown instanceof Problem ? thrown.code : 'internal';
  return (code in words ? words[code as keyof typeof words] : words.internal)();
}
