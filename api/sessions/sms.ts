/** Carries a one-time code to a phone (E.164). Throws `sms_unavailable` when it cannot tell that the code left. */
export type SmsTransport = { send: (phone: string, code: string) => Promise<void> };
