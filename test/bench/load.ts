import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

/** One redemption to make over HTTP: by its ticket, or from its pass, which is scanned first. */
export type Order = { id: string; benefit: number; ticket?: string; pass?: string };

export type Sender = {
  origin: string;
  cookie: string;
  outlet: number;
  /** Requests under way at once. */
  width: number;
};

type Answer = { seconds: number } | { failure: string };

/** Sends orders from a thread of its own, so that the server has this one to itself. */
export class Load {
  readonly #worker: Worker;

  constructor(sender: Sender) {
    this.#worker = new Worker(new URL(import.meta.url), { workerData: sender });
  }

  /** The seconds that all of them took together; fails on any answer but 2xx. */
  async send(orders: Order[]): Promise<number> {
    const answered = once(this.#worker, 'message');
    this.#worker.postMessage(orders);
    const [answer] = (await answered) as [Answer];
    if ('failure' in answer) throw new Error(answer.failure);
    return answer.seconds;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

function listen({ origin, cookie, outlet, width }: Sender): void {
  const agent = new Agent({ keepAlive: true, maxSockets: width });
  const headers = { Origin: origin, Cookie: cookie, 'Content-Type': 'application/json' };
  const ask = (method: string, path: string, body: object): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request(new URL(path, origin), { method, headers, agent }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        answer.once('end', () => {
          const { statusCode = 0 } = answer;
          if (statusCode >= 200 && statusCode < 300) resolve(text);
          else reject(new Error(`${method} ${path}: ${statusCode} ${text}`));
        });
      });
      sent.once('error', reject);
      sent.end(JSON.stringify(body));
    });
  const scan = async (pass: string): Promise<string> => {
    const seen = JSON.parse(await ask('POST', '/api/scans', { pass, outlet })) as {
      ticket: string;
    };
    return seen.ticket;
  };
  const send = async (orders: Order[]): Promise<Answer> => {
    const start = performance.now();
    let next = 0;
    const walk = async (): Promise<void> => {
      for (let order = orders[next++]; order; order = orders[next++]) {
        const { id, benefit, pass = '' } = order;
        const ticket = order.ticket ?? (await scan(pass));
        await ask('PUT', `/api/redemptions/${id}`, { ticket, benefit, quantity: 1 });
      }
    };
    await Promise.all(Array.from({ length: width }, walk));
    return { seconds: (performance.now() - start) / 1000 };
  };
  parentPort?.on('message', (orders: Order[]) => {
    void send(orders)
      .catch((error: unknown) => ({ failure: String(error) }))
      .then((answer) => parentPort?.postMessage(answer));
  });
}

if (!isMainThread) listen(workerData as Sender);
