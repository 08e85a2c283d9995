import { Socket } from 'node:net';
import { type Address, idleSeconds } from '../../db/client.ts';

/** No statement of a server takes as long, and a connection that nobody needs was closed before. */
const silenceSeconds = idleSeconds + 5;

/** A way to PostgreSQL that is given up when nothing is heard on it for too long. */
class Line extends Socket {
  /** As an event, because who puts TLS on top takes all listeners away. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event === 'timeout') this.destroy(new SilenceError('PostgreSQL is silent.'));
    return super.emit(event, ...args);
  }
}

class SilenceError extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * Begins a connection. A machine that loses its power closes nothing: without this its statements would wait for as long
 * as the kernel does, a quarter of an hour.
 */
export function dial({ host, port, path }: Address, seconds = silenceSeconds): Socket {
  const line = new Line();
  line.setTimeout(seconds * 1000);
  // The driver names the host to a server that speaks TLS.
  Object.assign(line, { host, port });
  return path === undefined ? line.connect(port, host) : line.connect(path);
}
