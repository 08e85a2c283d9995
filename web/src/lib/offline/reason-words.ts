import { m } from '#lib/paraglide/messages.js';
import { explain, isReason } from '#lib/reasons.ts';

/** What only a scan without a network can be wrong about, as the server says it. */
type OfflineReason =
  | 'malformed'
  | 'pass_invalid'
  | 'scan_in_future'
  | 'seq_forked'
  | 'declared_lost'
  | 'device_revoked'
  | 'value_too_high'
  | 'card_uses_a_day';

const words = {
  malformed: m.offline_reason_malformed,
  pass_invalid: m.offline_reason_pass_invalid,
  scan_in_future: m.offline_reason_scan_in_future,
  seq_forked: m.offline_reason_seq_forked,
  declared_lost: m.offline_reason_declared_lost,
  device_revoked: m.offline_reason_device_revoked,
  value_too_high: m.offline_reason_value_too_high,
  card_uses_a_day: m.offline_reason_card_uses_a_day,
} satisfies Record<OfflineReason, () => string>;

/** Why the server thinks of an offline scan as it does; empty for a reason that this version does not know. */
export function reasonWords(reason: string): string {
  if (isReason(reason)) return explain(reason, null).title;
  return reason in words ? words[reason as OfflineReason]() : '';
}
