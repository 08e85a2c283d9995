import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, type Caller, requestOf, Wire } from '../bench/wire.ts';
import type { Book } from './book.ts';
import { type Order, receipt } from './put.ts';

export type FloodOptions = {
  caller: Caller;
  book: Book;
  orders: readonly Order[];
  /** They come at this pace, whether or not earlier ones were answered. */
  perSecond: number;
  /** Connections; who finds none free waits for one. */
  width?: number;
};

/** By answer: its status, and for a refusal its code. Milliseconds from the moment that each one was due. */
export type Flooded = Map<string, number[]>;

const widthMost = 1000;
const tickMs = 2;

/** Sends orders at a pace of their own, each once: who is told to come back later does not. */
export async function flood(options: FloodOptions): Promise<Flooded> {
  const { caller, book, orders, perSecond, width = widthMost } = options;
  const requests = orders.map(({ id, ...content }) =>
    requestOf(caller, 'PUT', `/api/redemptions/${id}`, { ...content, quantity: 1 }),
  );
  const length = Math.min(width, orders.length);
  const free = await Promise.all(Array.from({ length }, () => Wire.open(caller.origin)));
  const all = [...free];
  const found: Flooded = new Map();
  const due = orders.map((_, i) => (i * 1000) / perSecond);
  const start = performance.now();
  let next = 0;
  let underWay = 0;
  const send = async (wire: Wire, i: number): Promise<void> => {
    const [order, request, dueAt = 0] = [orders[i], requests[i], due[i]];
    if (!order || !request) throw new RangeError('There is no such order.');
    const name = note(book, order, await wire.ask(request));
    const times = found.get(name) ?? [];
    times.push(performance.now() - start - dueAt);
    found.set(name, times);
  };
  try {
    while (next < orders.length || underWay > 0) {
      while ((due[next] ?? Infinity) <= performance.now() - start) {
        const wire = free.pop();
        if (!wire) break;
        underWay += 1;
        void send(wire, next++)
          .catch((error: unknown) => book.complain(`a request failed: ${String(error)}`))
          .then(() => {
            underWay -= 1;
            free.push(wire);
          });
      }
      await pause(tickMs);
    }
  } finally {
    for (const wire of all) wire.close();
  }
  return found;
}

/** Writes an answer into the book; one that overload does not explain is a complaint. */
function note(book: Book, { id }: Order, { status, head, body }: Answer): string {
  if (status === 201) {
    book.accept(receipt.parse(JSON.parse(body)));
    return '201';
  }
  const { code } = JSON.parse(body) as { code: string };
  const name = `${status} ${code}`;
  if (code === 'quota_exhausted') book.refuse(id, code);
  else if (status !== 503) book.complain(`${id} met ${name}`);
  else if (!/^retry-after: [1-9]\d*\r?$/im.test(head)) book.complain(`${id} met ${name} for ever`);
  return name;
}
