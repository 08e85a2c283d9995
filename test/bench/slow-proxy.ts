import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

export type SlowProxy = {
  port: number;
  /** What every trip costs from now on. */
  delay: (ms: number) => void;
  close: () => Promise<void>;
};

/**
 * Stands between a client and a server on 127.0.0.1 as a network would: what the client sends arrives later by the
 * delay, in order and however much of it is under way. So each trip costs that much more, and a pipelined one no more than once.
 */
export async function openSlowProxy(target: number): Promise<SlowProxy> {
  let delayMs = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      open.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => open.delete(socket));
    }
    client.on('data', (piece) => setTimeout(() => upstream.write(piece), delayMs));
    client.on('end', () => setTimeout(() => upstream.end(), delayMs));
    client.on('close', () => setTimeout(() => upstream.destroy(), delayMs));
    upstream.pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    delay: (ms) => {
      delayMs = ms;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
