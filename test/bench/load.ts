import { Agent, request } from 'node:http';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';

/** One redemption to make over HTTP: by its ticket, or from its pass, which is scanned first. */
export type Order = { id: string; benefit: number; ticket?: string; pass?: string };

export type Load = {
  origin: string;
  cookie: string;
  outlet: number;
  orders: Order[];
  /** Requests under way at once. */
  width: number;
};

export type Answered = { seconds: number };

/** Sends all orders from a thread of its own, so that the server has this one to itself; fails on any answer but 2xx. */
export async function sendLoad(load: Load): Promise<Answered> {
  const worker = new Worker(new URL(import.meta.url), { workerData: load });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

async function send({ origin, cookie, outlet, orders, width }: Load): Promise<Answered> {
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
  agent.destroy();
  return { seconds: (performance.now() - start) / 1000 };
}

if (!isMainThread) parentPort?.postMessage(await send(workerData as Load));
