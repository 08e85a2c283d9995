import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** `head` is the status line and the headers as they came. */
export type Answer = { status: number; head: string; body: string };

type Waiting = { resolve: (answer: Answer) => void; reject: (error: Error) => void };

const headEnd = Buffer.from('\r\n\r\n');

/**
 * One kept connection that speaks just enough HTTP/1.1 to measure a server and cost next to nothing itself: requests are
 * bytes made beforehand, one is under way at a time, and every answer has to say its length.
 */
export class Wire {
  readonly #socket: Socket;
  #waiting: Waiting | null = null;
  #received: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (piece) => this.#take(piece));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('The server closed the connection.')));
  }

  static async open(origin: string): Promise<Wire> {
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new Wire(socket);
  }

  ask(request: Buffer): Promise<Answer> {
    if (this.#waiting) throw new Error('One at a time.');
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    this.#received = this.#received.length === 0 ? piece : Buffer.concat([this.#received, piece]);
    const headLength = this.#received.indexOf(headEnd);
    if (headLength < 0) return;
    const head = this.#received.toString('latin1', 0, headLength);
    const [, length] = /^content-length: (\d+)$/im.exec(head) ?? [];
    if (length === undefined) return this.#fail(new Error(`An answer without a length: ${head}`));
    const start = headLength + headEnd.length;
    const end = start + Number(length);
    if (this.#received.length < end) return;
    const body = this.#received.toString('utf8', start, end);
    this.#received = this.#received.subarray(end);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve({ status: Number(head.slice(9, 12)), head, body });
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}

export type Caller = { origin: string; cookie: string };

/** The bytes of one request, with a JSON body if it has one, as a browser of that origin sends it. */
export function requestOf(
  { origin, cookie }: Caller,
  method: string,
  path: string,
  body: object | null,
): Buffer {
  const json = body ? JSON.stringify(body) : '';
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${new URL(origin).host}`,
    `Origin: ${origin}`,
    ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
    ...(body
      ? ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(json)}`]
      : []),
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${json}`);
}
