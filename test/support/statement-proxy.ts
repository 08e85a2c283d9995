import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type StatementProxy = {
  /** The same database, through the proxy. */
  url: string;
  /** Statements executed since the last time this was asked. */
  take: () => number;
  close: () => Promise<void>;
};

const execute = 'E'.charCodeAt(0);
const query = 'Q'.charCodeAt(0);

/** Stands before PostgreSQL and counts what any client, in any runtime, has executed; it changes nothing. */
export async function countStatements(databaseUrl: string): Promise<StatementProxy> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let statements = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const count = reader((type) => {
      if (type === execute || type === query) statements += 1;
    });
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open.delete(socket));
    }
    client.on('data', count);
    client.pipe(upstream).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = new URL(databaseUrl);
  url.port = String(typeof address === 'object' && address ? address.port : 0);
  return {
    url: url.href,
    take: () => {
      const taken = statements;
      statements = 0;
      return taken;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Splits a client's bytes into messages: first those of starting up, which have no type, then type, length, content. */
function reader(seen: (type: number) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  let isStarted = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const header = isStarted ? 5 : 4;
      if (rest.length < header) return;
      const length = rest.readInt32BE(header - 4) + header - 4;
      if (rest.length < length) return;
      if (isStarted) seen(rest.readUInt8(0));
      // Asking for TLS or to cancel is eight or sixteen bytes long, and not yet the start.
      else isStarted = length > 16;
      rest = rest.subarray(length);
    }
  };
}
