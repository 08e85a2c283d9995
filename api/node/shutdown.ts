type Work = () => Promise<void>;

/**
 * Runs the given works in reverse order, once, when the process is asked to end, and ends it. Registered as things are
 * started, so that Ctrl-C half-way through a start leaves nothing behind either.
 */
export class Shutdown {
  readonly #works: Work[] = [];
  #running: Promise<void> | null = null;
  #isAsked = false;

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        this.#isAsked = true;
        // A connection cut by the stop may fail where nobody waits for it any more.
        process.on('uncaughtException', () => {});
        process.on('unhandledRejection', () => {});
        this.run().then(
          () => process.exit(0),
          () => process.exit(1),
        );
      });
    }
  }

  /** Somebody asked the process to end: whatever fails now fails because of that. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  add(work: Work): void {
    this.#works.push(work);
  }

  /** The same end for everybody who asks for it. A work that fails stops none of the others. */
  run(): Promise<void> {
    this.#running ??= this.#runAll();
    return this.#running;
  }

  async #runAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let work = this.#works.pop(); work; work = this.#works.pop()) {
      await work().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be stopped.');
  }
}
