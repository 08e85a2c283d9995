type Work = () => Promise<void>;

/**
 * Runs the given works in reverse order, once, when the process is asked to end, and ends it. Registered as things are
 * started, so that Ctrl-C half-way through a start leaves nothing behind either.
 */
export class Shutdown {
  #works: Work[] = [];
  #isRunning = false;

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => void this.end(0));
    }
  }

  add(work: Work): void {
    this.#works.push(work);
  }

  async run(): Promise<void> {
    for (let work = this.#works.pop(); work; work = this.#works.pop()) await work();
  }

  async end(code: number): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      await this.run();
      process.exit(code);
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    }
  }
}
