import type { InferResponseType } from 'hono/client';
import { api, ask } from '../api.ts';
import { session } from '../session.svelte.ts';

export type DemoPerson = InferResponseType<typeof api.demo.people.$get, 200>[number];
export type Step = 'phone' | 'code' | 'second_factor' | 'second_factor_enrolment' | 'done';

const againAfterSeconds = 60;

/** The way in: a phone, its code, and for an office a second factor. */
export class SignIn {
  #step = $state<Step>('phone');
  #phone = $state('');
  #demoCode = $state<string | null>(null);
  #totpUri = $state<string | null>(null);
  #sentAt = $state(0);

  get step(): Step {
    return this.#step;
  }
  get phone(): string {
    return this.#phone;
  }
  /** What the text message would have said, where no message is sent. */
  get demoCode(): string | null {
    return this.#demoCode;
  }
  /** What the authenticator scans when it is set up. */
  get totpUri(): string | null {
    return this.#totpUri;
  }
  secondsUntilAgain(now: number): number {
    return Math.max(0, Math.ceil(againAfterSeconds - (now - this.#sentAt) / 1000));
  }

  async sendCode(phone: string): Promise<void> {
    await ask(api.auth['phone-number']['send-otp'].$post({ json: { phoneNumber: phone } }));
    this.#phone = phone;
    this.#sentAt = Date.now();
    this.#demoCode = session.facts?.demo === true ? await this.#readDemoCode() : null;
    this.#step = 'code';
  }

  async verify(code: string): Promise<void> {
    await ask(api.auth['phone-number'].verify.$post({ json: { phoneNumber: this.#phone, code } }));
    await this.goOn();
  }

  async passSecondFactor(code: string): Promise<void> {
    await ask(api.auth['two-factor']['verify-totp'].$post({ json: { code } }));
    await this.goOn();
  }

  async readDemoFactor(): Promise<string> {
    return (await ask(api.demo['second-factor'].$post())).code;
  }

  /** One tap in the demo: everything a person with this phone would do. */
  async become(person: DemoPerson): Promise<void> {
    if (session.isSignedIn) await session.signOut();
    await this.sendCode(person.phone);
    if (this.#demoCode !== null) await this.verify(this.#demoCode);
    if (this.#step !== 'done') await this.passSecondFactor(await this.readDemoFactor());
  }

  back(): void {
    this.#step = 'phone';
    this.#demoCode = null;
  }

  /** The next step that the server asks of this session. */
  async goOn(): Promise<void> {
    session.forget();
    const facts = await session.load();
    if (facts?.secondFactor === 'required') {
      this.#step = 'second_factor';
    } else if (facts?.secondFactor === 'enrolment_required') {
      this.#totpUri = (await ask(api.auth['two-factor'].enable.$post())).totpURI;
      this.#step = 'second_factor_enrolment';
    } else {
      this.#step = facts?.user == null ? 'phone' : 'done';
    }
  }

  async #readDemoCode(): Promise<string> {
    return (await ask(api.demo.code.$post({ json: { phone: this.#phone } }))).code;
  }
}
