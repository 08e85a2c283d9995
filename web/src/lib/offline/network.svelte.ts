import { api, ask } from '#lib/api.ts';
import type { Problem } from '#lib/problem.ts';

const probeMillisecondsMin = 2_000;
const probeMillisecondsMax = 30_000;
// A gateway says that nobody is behind it.
const nobodyBehind: readonly number[] = [502, 504];

type Listener = () => void;

/** Whether the server can be reached: told by whoever asks it, and by the browser, which knows only of the cable. */
class Network {
  #lostAt = $state.raw<number | null>(navigator.onLine === false ? Date.now() : null);
  #pause = probeMillisecondsMin;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<Listener>();

  get isOnline(): boolean {
    return this.#lostAt === null;
  }
  /** Since when not, by the phone's own clock. */
  get lostAt(): number | null {
    return this.#lostAt;
  }

  /** Starts listening to the browser; returns how to stop. */
  watch(): () => void {
    const lost = (): void => this.lose();
    const look = (): void => this.#lookNow();
    const seen = (): void => {
      if (document.visibilityState === 'visible') look();
    };
    window.addEventListener('offline', lost);
    window.addEventListener('online', look);
    document.addEventListener('visibilitychange', seen);
    if (!this.isOnline) this.#lookSoon();
    return () => {
      window.removeEventListener('offline', lost);
      window.removeEventListener('online', look);
      document.removeEventListener('visibilitychange', seen);
      clearTimeout(this.#timer);
    };
  }

  onBack(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A request found nobody. From now on the network is tried again and again, more and more seldom. */
  lose(): void {
    if (this.#lostAt !== null) return;
    this.#lostAt = Date.now();
    this.#pause = probeMillisecondsMin;
    this.#lookSoon();
  }

  /** What somebody who asked the server heard in place of an answer. */
  heed({ isUnreachable, status }: Problem): void {
    if (isUnreachable || nobodyBehind.includes(status)) this.lose();
  }

  find(): void {
    clearTimeout(this.#timer);
    if (this.#lostAt === null) return;
    this.#lostAt = null;
    for (const listener of this.#listeners) listener();
  }

  #lookNow(): void {
    if (this.isOnline) return;
    this.#pause = probeMillisecondsMin;
    clearTimeout(this.#timer);
    void this.#look();
  }

  #lookSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, probeMillisecondsMax);
  }

  async #look(): Promise<void> {
    try {
      // The page of a hotel's network answers too, but not this.
      const { status } = await ask(api.health.$get());
      if (status === 'ok') return this.find();
    } catch {
      // Still nobody there.
    }
    if (!this.isOnline) this.#lookSoon();
  }
}

export const network = new Network();
