import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { once } from 'node:events';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { StartError } from '../../db/start-error.ts';

export type Listening = { close: () => Promise<void>; port: number };

export type ListenOptions = {
  host: string;
  port: number;
  tls: { key: string; cert: string } | null;
  /** Answers one request; `address` is the connection's other end. */
  answer: (request: Request, address: string | undefined) => Response | Promise<Response>;
  /** Sees a request before anything is made of it, and passes on what it does not answer itself. */
  before?: (listener: RequestListener) => RequestListener;
};

const closingSecondsMax = 5;

/** Serves until closed. Closing lets requests in flight finish, for a while. A taken port is one clear sentence. */
export async function listen({
  host,
  port,
  tls,
  answer,
  before,
}: ListenOptions): Promise<Listening> {
  const limits = { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 60_000 };
  const fetch = (request: Request, env: object) =>
    answer(request, (env as HttpBindings).incoming.socket.remoteAddress);
  const respond = getRequestListener(fetch, { hostname: host });
  const listener: RequestListener = (request, response) => void respond(request, response);
  const first = before ? before(listener) : listener;
  const server = tls
    ? createHttpsServer({ ...tls, ...limits }, first)
    : createHttpServer(limits, first);
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw listenError(error, host, port);
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () => close(server),
  };
}

/** Fails early, before a database is started for nothing. */
export async function checkPort(host: string, port: number): Promise<void> {
  const probe = createHttpServer().listen(port, host);
  try {
    await once(probe, 'listening');
  } catch (error) {
    throw listenError(error, host, port);
  }
  probe.close();
  await once(probe, 'close');
}

function listenError(error: unknown, host: string, port: number): StartError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Record<string, string> = {
    EADDRINUSE: `Port ${port} is taken, perhaps by a Tongka that already runs: stop that, or choose another one with PORT=8788.`,
    EACCES: `Port ${port} needs more rights than this user has: choose one above 1024 with PORT=8788.`,
    EADDRNOTAVAIL: `HOST=${host} is not an address of this machine.`,
  };
  const reason = reasons[code] ?? `The server cannot listen on ${host}:${port} (${code}).`;
  return new StartError(reason, { cause: error });
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const patience = setTimeout(() => {
    server.closeAllConnections();
  }, closingSecondsMax * 1000);
  await closed;
  clearTimeout(patience);
}
