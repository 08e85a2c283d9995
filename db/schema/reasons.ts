/**
 * Every business refusal of a scan or a redemption, in order of precedence: of two faults the earlier one is answered.
 * `redeem()` and `preview()` answer these words; a reason here without its words in both languages, or without a row in
 * the table test, fails the build.
 */
export const reasons = [
  'exists_with_different_content',
  'session_revoked',
  'operator_suspended',
  'outlet_closed',
  'card_unknown',
  'card_replaced',
  'card_lost',
  'card_blocked',
  'member_left',
  'scan_expired',
  'key_revoked',
  'pass_not_yet_valid',
  'pass_expired',
  'benefit_unknown',
  'benefit_paused',
  'benefit_not_started',
  'benefit_ended',
  'benefit_not_today',
  'benefit_not_at_this_hour',
  'partner_paused',
  'partner_not_admitted',
  'district_not_valid',
  'claim_needed',
  'claim_not_here',
  'claim_not_now',
  'audience_district',
  'audience_union',
  'audience_age',
  'audience_tag',
  'no_allocation',
  'quantity_too_large',
  'pass_already_used',
  'limit_reached',
  'category_limit_reached',
  'partner_day_cap_reached',
  'partner_cap_reached',
  'quota_exhausted',
] as const;

export type Reason = (typeof reasons)[number];

/**
 * Every business refusal of a claim, in order of precedence: `claim()` and its companions answer these words, and those
 * of a benefit and its limits by the same functions as a redemption.
 */
export const claimReasons = [
  'member_unknown',
  'session_unknown',
  'session_cancelled',
  'session_over',
  'claims_not_open',
  'claims_closed',
  'answers_invalid',
  'room_time_impossible',
  'room_too_small',
  'room_hours_used',
  'room_taken',
  'already_waiting',
  'session_full',
  'claim_expired',
  'claim_ended',
  'claim_used',
  'claim_move_too_late',
  'attendance_at_partner',
  'no_walk_ins',
  'code_given',
] as const;

export type ClaimReason = (typeof claimReasons)[number];
