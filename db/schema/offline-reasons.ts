/**
 * Why an offline scan was not simply accepted, where no redemption can say it: words of the upload and of the device,
 * beside the reasons of `redeem()`. `declared_lost`: it came after the union had closed the gap it was missing in.
 */
export const offlineReasons = [
  'malformed',
  'pass_invalid',
  'scan_in_future',
  'seq_forked',
  'declared_lost',
  'device_revoked',
  'value_too_high',
  'card_uses_a_day',
] as const;

export type OfflineReason = (typeof offlineReasons)[number];
