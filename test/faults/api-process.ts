import { freePort } from '../../api/node/wrangler.ts';
import type { Config } from '../../api/config.ts';
import { runCommand, type Started } from '../support/command.ts';
import { root } from '../support/sources.ts';

export type ApiOptions = {
  config: Config;
  databaseUrl: string;
  /** Where its code lies: another version's, if not this one's. */
  folder?: string;
};

const ready = 'Tongka 通卡 is ready';

/** The API as people run it, in a process of its own on 127.0.0.1, that a drill may kill and start again. */
export class ApiProcess {
  readonly url: string;
  readonly #options: ApiOptions;
  #started: Started;

  private constructor(url: string, options: ApiOptions, started: Started) {
    this.url = url;
    this.#options = options;
    this.#started = started;
  }

  static async start(options: ApiOptions): Promise<ApiProcess> {
    const url = `http://127.0.0.1:${await freePort()}`;
    const api = new ApiProcess(url, options, run(url, options));
    await api.#started.says(ready);
    return api;
  }

  /** It ended, though nobody asked it to. */
  get isDead(): boolean {
    const { exitCode, signalCode } = this.#started.process;
    return exitCode !== null || signalCode !== null;
  }

  get output(): string {
    return this.#started.output();
  }

  /** No farewell: requests in flight are cut. */
  async kill(): Promise<void> {
    this.#started.process.kill('SIGKILL');
    await this.#started.ended;
  }

  /** After its end, at the same address. */
  async startAgain(): Promise<void> {
    this.#started = run(this.url, this.#options);
    await this.#started.says(ready);
  }

  async stop(): Promise<void> {
    if (!this.isDead) this.#started.process.kill('SIGTERM');
    await this.#started.ended;
  }
}

function run(url: string, { config, databaseUrl, folder = root }: ApiOptions): Started {
  return runCommand(folder, ['start', '--no-pages'], {
    env: {
      DATABASE_URL: databaseUrl,
      HOST: '127.0.0.1',
      PORT: new URL(url).port,
      // All processes are one installation: a ticket of one is good at the other.
      ORIGIN: config.origin,
      TONGKA_SECRET: config.secret,
      SMS_GATEWAY_URL: config.sms?.url ?? '',
      SMS_GATEWAY_SECRET: config.sms?.secret ?? '',
      LOG_LEVEL: 'error',
    },
  });
}
