import type { SmsTransport } from './sms.ts';

/** The demo's telephones: the code last sent to each, kept in memory for the sign-in page to show. */
export class DemoSms implements SmsTransport {
  readonly #codes = new Map<string, string>();

  send(phone: string, code: string): Promise<void> {
    this.#codes.set(phone, code);
    return Promise.resolve();
  }

  lastCode(phone: string): string | undefined {
    return this.#codes.get(phone);
  }
}
