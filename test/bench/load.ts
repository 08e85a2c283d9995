import { once } from 'node:events';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { type Answer, type Caller, requestOf, Wire } from './wire.ts';

/** One redemption to make over HTTP: by its ticket, or from its pass, which is scanned first. */
export type Order = { id: string; benefit: number; ticket?: string; pass?: string };

export type Sender = Caller & { outlet: number };

/** What a round of orders took: all together in seconds, and each by itself in milliseconds. */
export type Sent = { seconds: number; milliseconds: Float64Array };

type Round = { orders: Order[]; width: number };
type Reply = Sent | { failure: string };

/** Sends orders from a thread of its own, over kept connections with one request under way on each. */
export class Load {
  readonly #worker: Worker;

  constructor(sender: Sender) {
    this.#worker = new Worker(new URL(import.meta.url), { workerData: sender });
  }

  /** By so many connections at once; fails on any answer but 2xx. */
  async send(orders: Order[], width: number): Promise<Sent> {
    const replied = once(this.#worker, 'message');
    this.#worker.postMessage({ orders, width } satisfies Round);
    const [reply] = (await replied) as [Reply];
    if ('failure' in reply) throw new Error(reply.failure);
    return reply;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

function listen(sender: Sender): void {
  const wires: Wire[] = [];
  const ask = async (wire: Wire, request: Buffer): Promise<Answer> => {
    const answer = await wire.ask(request);
    if (answer.status < 200 || answer.status > 299)
      throw new Error(`${answer.status} ${answer.body}`);
    return answer;
  };
  const put = ({ id, benefit }: Order, ticket: string): Buffer =>
    requestOf(sender, 'PUT', `/api/redemptions/${id}`, { ticket, benefit, quantity: 1 });
  const perform = (order: Order): ((wire: Wire) => Promise<Answer>) => {
    const { ticket, pass } = order;
    if (ticket !== undefined) {
      const request = put(order, ticket);
      return (wire) => ask(wire, request);
    }
    const request = requestOf(sender, 'POST', '/api/scans', { pass, outlet: sender.outlet });
    return async (wire) => {
      const { body } = await ask(wire, request);
      return ask(wire, put(order, (JSON.parse(body) as { ticket: string }).ticket));
    };
  };
  const send = async ({ orders, width }: Round): Promise<Sent> => {
    while (wires.length < width) wires.push(await Wire.open(sender.origin));
    const works = orders.map(perform);
    const milliseconds = new Float64Array(orders.length);
    const start = performance.now();
    let next = 0;
    const walk = async (wire: Wire): Promise<void> => {
      for (let i = next++; i < works.length; i = next++) {
        const sentAt = performance.now();
        await works[i]?.(wire);
        milliseconds[i] = performance.now() - sentAt;
      }
    };
    await Promise.all(wires.slice(0, width).map(walk));
    return { seconds: (performance.now() - start) / 1000, milliseconds };
  };
  parentPort?.on('message', (round: Round) => {
    void send(round)
      .catch((error: unknown): Reply => ({ failure: String(error) }))
      .then((reply) => parentPort?.postMessage(reply));
  });
}

if (!isMainThread) listen(workerData as Sender);
