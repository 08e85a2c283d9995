import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type Proxy = {
  /** The same database, through the proxy. */
  url: string;
  /** Ends every connection, as a network does that is gone. */
  cut: () => void;
  close: () => Promise<void>;
};

/** Stands before a PostgreSQL on 127.0.0.1: `join` decides what goes from one side to the other. An end of one is the end of both. */
export async function openProxy(
  databaseUrl: string,
  join: (near: Socket, far: Socket) => void,
): Promise<Proxy> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.setNoDelay(true);
      open.add(one);
      one.on('error', () => one.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroySoon();
      });
    }
    join(near, far);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = new URL(databaseUrl);
  url.port = String(typeof address === 'object' && address ? address.port : 0);
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: url.href,
    cut,
    close: async () => {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
