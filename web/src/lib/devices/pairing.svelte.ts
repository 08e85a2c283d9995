import { api, ask } from '../api.ts';
import type { Device, Invitation } from './types.ts';

// As long as the server says, and counted here: this computer's clock may be wrong.
const lifeMilliseconds = 600_000;
const tickMilliseconds = 1000;
const ticksALook = 2;

/**
 * An invitation shown as a QR until a phone has taken it, or its time is over. Nobody tells this screen that the phone
 * is done, so it looks for itself while somebody looks at it.
 */
export class Pairing {
  #shown = $state.raw<Invitation | null>(null);
  #done = $state.raw<Device | null>(null);
  #shownAt = 0;
  #now = $state(0);
  #outlet = 0;
  #before: readonly number[] = [];
  #ticks = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  readonly secondsLeft: number = $derived(
    this.#shown === null
      ? 0
      : Math.max(0, Math.round((this.#shownAt + lifeMilliseconds - this.#now) / 1000)),
  );

  get shown(): Invitation | null {
    return this.#shown;
  }
  /** The phone that took the invitation. */
  get done(): Device | null {
    return this.#done;
  }

  async invite(outlet: number, name: string): Promise<void> {
    this.stop();
    this.#before = (await this.#devices()).map(({ id }) => id);
    this.#outlet = outlet;
    this.#shown = await ask(
      api.outlets[':id'].pairings.$post({ param: { id: String(outlet) }, json: { name } }),
    );
    this.#shownAt = performance.now();
    this.#now = this.#shownAt;
    this.#timer = setInterval(() => void this.#tick(), tickMilliseconds);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#shown = null;
    this.#done = null;
    this.#ticks = 0;
  }

  async #tick(): Promise<void> {
    this.#now = performance.now();
    this.#ticks += 1;
    if (this.secondsLeft === 0) clearInterval(this.#timer);
    if (this.#ticks % ticksALook !== 0 || document.visibilityState !== 'visible') return;
    const shown = this.#shown;
    // A look that fails is made up for by the next one.
    const devices = await this.#devices().catch(() => []);
    const taken = devices.find(
      ({ id, outlet }) => !this.#before.includes(id) && outlet.id === this.#outlet,
    );
    if (taken === undefined || this.#shown !== shown) return;
    clearInterval(this.#timer);
    this.#done = taken;
  }

  async #devices(): Promise<Device[]> {
    return (await ask(api.devices.$get({ query: {} }))).devices;
  }
}
