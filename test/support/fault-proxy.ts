import type { Socket } from 'node:net';
import {
  errorMessage,
  fromClient,
  fromServer,
  type Message,
  readyMessage,
  textAt,
} from './messages.ts';
import { openProxy, type Proxy } from './proxy.ts';

/** What happens to one execution of a prepared statement. */
export type Fate =
  | { kind: 'pass' }
  /** Both ends are closed before PostgreSQL hears of it. */
  | { kind: 'cut before' }
  /** PostgreSQL has done it, then both ends are closed: the answer is lost. */
  | { kind: 'cut after' }
  /** PostgreSQL has done it, and nothing is ever heard on this connection again: the machine has gone. */
  | { kind: 'silence' }
  | { kind: 'delay'; ms: number }
  /** It is answered with this error, and PostgreSQL never hears of it. */
  | { kind: 'error instead'; code: string }
  /** PostgreSQL has done it, and it is answered with this error all the same. */
  | { kind: 'error after'; code: string };

/** These end the session: a server that goes down, a way to it that is gone. */
const fatal = /^(57P|08)/;

/**
 * Stands before PostgreSQL as a bad network would. `decide` is asked at each execution of a prepared statement, by its
 * text. It lets one statement of a connection go at a time, so that an answer of its own making is never out of turn.
 */
export function openFaultProxy(
  databaseUrl: string,
  decide: (statement: string) => Fate,
): Promise<Proxy> {
  return openProxy(databaseUrl, (near, far) => void new Session(near, far, decide));
}

class Session {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #decide: (statement: string) => Fate;
  readonly #statements = new Map<string, string>();
  readonly #held: Message[] = [];
  #isHolding = false;
  #fate: Fate = { kind: 'pass' };

  constructor(near: Socket, far: Socket, decide: (statement: string) => Fate) {
    this.#near = near;
    this.#far = far;
    this.#decide = decide;
    near.on(
      'data',
      fromClient((message) => this.#hold(message)),
    );
    far.on(
      'data',
      fromServer((message) => this.#answer(message)),
    );
  }

  #hold(message: Message): void {
    this.#held.push(message);
    this.#release();
  }

  #release(): void {
    while (!this.#isHolding) {
      const message = this.#held.shift();
      if (!message) return;
      this.#send(message);
    }
  }

  #send({ type, bytes }: Message): void {
    if (type === 'P') {
      const { text: name, next } = textAt(bytes, 5);
      this.#statements.set(name, textAt(bytes, next).text);
    }
    if (type === 'B') {
      const { next } = textAt(bytes, 5);
      this.#fate = this.#decide(this.#statements.get(textAt(bytes, next).text) ?? '');
      if (this.#fate.kind === 'cut before') return this.#cut();
      if (this.#fate.kind === 'delay') this.#wait(this.#fate.ms);
    }
    // Sync and plain queries end a statement: the next one goes when this one is answered.
    const isEnd = type === 'S' || type === 'Q';
    if (isEnd) this.#isHolding = true;
    if (this.#fate.kind !== 'error instead') this.#far.write(bytes);
    else if (isEnd) this.#fail(this.#fate.code);
  }

  #answer({ type, bytes }: Message): void {
    const isEnd = type === 'Z';
    const { kind } = this.#fate;
    if (kind === 'silence') return;
    if (kind === 'cut after' && isEnd) return this.#cut();
    if (this.#fate.kind === 'error after' && isEnd) return this.#fail(this.#fate.code);
    if (kind === 'pass' || kind === 'delay') this.#near.write(bytes);
    if (isEnd) this.#next();
  }

  #fail(code: string): void {
    const isFatal = fatal.test(code);
    this.#near.write(errorMessage(isFatal ? 'FATAL' : 'ERROR', code));
    if (isFatal) return void this.#near.end(() => this.#far.destroy());
    this.#near.write(readyMessage);
    this.#next();
  }

  #next(): void {
    this.#fate = { kind: 'pass' };
    this.#isHolding = false;
    this.#release();
  }

  /** The rest of the statement is not here yet: what comes waits in line behind this. */
  #wait(ms: number): void {
    this.#far.cork();
    setTimeout(() => this.#far.uncork(), ms);
  }

  #cut(): void {
    this.#near.destroy();
    this.#far.destroy();
  }
}
