import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Config } from '../../api/config.ts';
import { freePort } from '../../api/node/wrangler.ts';
import type { Ground } from './ground.ts';
import type { Ask, Report } from './serving.ts';

export type ApartOptions = {
  databaseUrl?: string;
  /** False: each redemption is a statement of its own, as on Workers. */
  isGathered?: boolean;
};

/** A server in a process of its own, so that what it takes is its own: time, memory, a profile. */
export class Apart {
  /** Where it listens; what it issues is of the ground's origin, as behind a proxy. */
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  static async start(ground: Ground, options: ApartOptions = {}): Promise<Apart> {
    const { databaseUrl = ground.url, isGathered = true } = options;
    const port = await freePort();
    const config: Config = { ...ground.config, port, databaseUrl, logLevel: 'info' };
    const child = fork(fileURLToPath(new URL('serving.ts', import.meta.url)), {
      execArgv: ['--max-semi-space-size=32'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const server = new Apart(`http://127.0.0.1:${port}`, child);
    await server.#ask({ do: 'start', config, isGathered });
    return server;
  }

  async startProfile(): Promise<void> {
    await this.#ask({ do: 'profile' });
  }

  /** With the profile since it was asked for, if it was. */
  async report(): Promise<Report> {
    return (await this.#ask({ do: 'report' })) as Report;
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }

  async #ask(ask: Ask): Promise<unknown> {
    const gone = new AbortController();
    try {
      const answered = once(this.#child, 'message', { signal: gone.signal });
      const left = once(this.#child, 'exit', { signal: gone.signal }).then(() => {
        throw new Error('The server has gone.');
      });
      this.#child.send(ask);
      const [answer] = (await Promise.race([answered, left])) as [unknown];
      return answer;
    } finally {
      gone.abort();
    }
  }
}
