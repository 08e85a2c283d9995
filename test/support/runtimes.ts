import { randomBytes } from 'node:crypto';
import { readConfig } from '../../api/config.ts';
import { printCodes } from '../../api/node/gateway.ts';
import { serve } from '../../api/node/serve.ts';
import { Shutdown } from '../../api/node/shutdown.ts';
import { freePort, startWorker } from '../../api/node/wrangler.ts';

export const runtimes = ['node', 'workerd'] as const;
export type Runtime = (typeof runtimes)[number];

export type RunningServer = {
  origin: string;
  secret: string;
  /** Asks this server; `path` begins with a slash. */
  fetch: (path: string, init?: RequestInit) => Promise<Response>;
  /** The one-time code last sent to a phone (E.164), as its gateway received it. */
  lastCode: (phone: string) => string | undefined;
  stop: () => Promise<void>;
};

/** The whole product over real HTTP on a free port, on one of the runtimes and on the given database. */
export async function startServer(runtime: Runtime, databaseUrl: string): Promise<RunningServer> {
  const secret = randomBytes(36).toString('base64');
  const codes = new Map<string, string>();
  const gateway = await printCodes(secret, (line) => {
    const [, phone, code] = /^Code for (\S+): (\d+)$/.exec(line) ?? [];
    if (phone && code) codes.set(phone, code);
  });
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const variables = {
    ORIGIN: origin,
    TONGKA_SECRET: secret,
    SMS_GATEWAY_URL: gateway.url,
    SMS_GATEWAY_SECRET: secret,
    LOG_LEVEL: 'error',
  };
  const stop =
    runtime === 'node'
      ? await startNode({ ...variables, PORT: String(port), DATABASE_URL: databaseUrl })
      : (await startWorker({ port, databaseUrl, variables })).stop;
  return {
    origin,
    secret,
    fetch: (path, init) => fetch(`${origin}${path}`, { redirect: 'manual', ...init }),
    lastCode: (phone) => codes.get(phone),
    stop: async () => {
      await stop();
      await gateway.close();
    },
  };
}

async function startNode(variables: Record<string, string>): Promise<() => Promise<void>> {
  const config = readConfig(variables);
  const shutdown = new Shutdown();
  const database = { url: config.databaseUrl ?? '' };
  await serve({ config, database, tls: null, hasPages: true, shutdown });
  return () => shutdown.run();
}
