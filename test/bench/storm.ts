import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { type Answer, requestOf, Wire } from './wire.ts';

/** One request of one person. */
export type Wanted = { method: 'GET' | 'PUT'; path: string; cookie: string; body: object | null };

/**
 * What came of a storm, each request in its order: what it was answered at last (its state, its code, or `ok`), after how
 * many milliseconds, and when that was, in milliseconds since the beginning. `busy`: how often somebody was told to come
 * back, and did.
 */
export type Weathered = {
  seconds: number;
  answers: string[];
  milliseconds: Float64Array;
  atMs: Float64Array;
  busy: number;
};

type Ask = { prepare: Wanted[] } | { width: number };
type Reply = Weathered | 'ready' | { failure: string };

/** Sends everybody's requests from a thread of its own, over kept connections with one under way on each. */
export class Storm {
  readonly #worker: Worker;

  constructor(origin: string) {
    this.#worker = new Worker(new URL(import.meta.url), { workerData: origin });
  }

  /** Makes their bytes beforehand. */
  async prepare(wanted: Wanted[]): Promise<void> {
    await this.#ask({ prepare: wanted });
  }

  /** Sends what was prepared by so many connections. */
  async send(width: number): Promise<Weathered> {
    const reply = await this.#ask({ width });
    if (reply === 'ready' || 'failure' in reply) throw new Error('Nothing was sent.');
    return reply;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #ask(ask: Ask): Promise<Reply> {
    const replied = once(this.#worker, 'message');
    this.#worker.postMessage(ask);
    const [reply] = (await replied) as [Reply];
    if (reply !== 'ready' && 'failure' in reply) throw new Error(reply.failure);
    return reply;
  }
}

function listen(origin: string): void {
  const wires: Wire[] = [];
  let requests: Buffer[] = [];
  const prepare = (wanted: Wanted[]): 'ready' => {
    requests = wanted.map(({ method, path, cookie, body }) =>
      requestOf({ origin, cookie }, method, path, body),
    );
    return 'ready';
  };
  const send = async (width: number): Promise<Weathered> => {
    while (wires.length < width) wires.push(await Wire.open(origin));
    const { length } = requests;
    const answers = Array.from({ length }, () => '');
    const [milliseconds, atMs] = [new Float64Array(length), new Float64Array(length)];
    const start = performance.now();
    let next = 0;
    let busy = 0;
    const walk = async (wire: Wire): Promise<void> => {
      for (let i = next++; i < length; i = next++) {
        const request = requests[i];
        if (!request) continue;
        const sentAt = performance.now();
        let answer = await wire.ask(request);
        while (answer.status === 503) {
          busy += 1;
          // Not all at once again: a phone adds a little of its own.
          await pause(secondsAfter(answer) * 1000 * (1 + Math.random()));
          answer = await wire.ask(request);
        }
        const now = performance.now();
        answers[i] = saidIn(answer);
        milliseconds[i] = now - sentAt;
        atMs[i] = now - start;
      }
    };
    await Promise.all(wires.slice(0, width).map(walk));
    const seconds = (performance.now() - start) / 1000;
    return { seconds, answers, milliseconds, atMs, busy };
  };
  parentPort?.on('message', (ask: Ask) => {
    void Promise.resolve('prepare' in ask ? prepare(ask.prepare) : send(ask.width))
      .catch((error: unknown): Reply => ({ failure: String(error) }))
      .then((reply: Reply) => parentPort?.postMessage(reply));
  });
}

function saidIn({ status, body }: Answer): string {
  const [, said] = /"(?:state|code|status)":"(\w+)"/.exec(body) ?? [];
  return said ?? String(status);
}

function secondsAfter({ head }: Answer): number {
  const [, seconds] = /^retry-after: (\d+)$/im.exec(head) ?? [];
  if (seconds === undefined) throw new Error('Turned away without a time to come back.');
  return Number(seconds);
}

if (!isMainThread) listen(workerData as string);
