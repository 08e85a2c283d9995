/**
 * The server's time, whatever the phone's clock says and does: it goes by the time since the page was opened, and is set
 * by each answer that tells the time.
 */
export class ServerClock {
  #ahead = Date.now() - performance.now();
  #now = $state(Date.now());

  /** Milliseconds since 1970. */
  get now(): number {
    return this.#now;
  }

  /** `asked` and now, of performance.now(), are when the question went and its answer came. */
  hear(serverTime: string, asked: number): void {
    this.#ahead = Date.parse(serverTime) - (asked + performance.now()) / 2;
    this.tick();
  }

  tick(): void {
    this.#now = performance.now() + this.#ahead;
  }

  /** Ticks with the server's seconds; returns how to stop. */
  run(): () => void {
    let timer: ReturnType<typeof setTimeout>;
    const beat = (): void => {
      this.tick();
      timer = setTimeout(beat, 1000 - (this.#now % 1000));
    };
    beat();
    return () => clearTimeout(timer);
  }
}
