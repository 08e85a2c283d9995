import type { ClaimReason } from '../../../../api/errors.ts';
import { m } from '#lib/paraglide/messages.js';

/** What a claim may hear besides the reasons of its benefit. */
export const claimWords = {
  member_unknown: m.claims_error_member_unknown,
  session_unknown: m.claims_error_session_unknown,
  session_cancelled: m.claims_error_session_cancelled,
  session_over: m.claims_error_session_over,
  claims_not_open: m.claims_error_not_open,
  claims_closed: m.claims_error_closed,
  answers_invalid: m.claims_error_answers,
  room_time_impossible: m.claims_error_room_time,
  room_too_small: m.claims_error_room_small,
  room_hours_used: m.claims_error_room_hours,
  room_taken: m.claims_error_room_taken,
  already_waiting: m.claims_error_waiting,
  session_full: m.claims_error_full,
  claim_expired: m.claims_error_expired,
  claim_ended: m.claims_error_ended,
  claim_used: m.claims_error_used,
  claim_move_too_late: m.claims_error_move_late,
  attendance_at_partner: m.door_error_at_partner,
  no_walk_ins: m.door_error_no_walk_ins,
  code_given: m.rooms_error_code_given,
} satisfies Record<ClaimReason, () => string>;
