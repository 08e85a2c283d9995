import { availableParallelism } from 'node:os';
import { connect } from '../../db/client.ts';
import { app } from '../app.ts';
import type { Config } from '../config.ts';
import { Batcher } from '../batches/batcher.ts';
import { claimEach } from '../claims/claim-each.ts';
import type { ClaimItem } from '../claims/item.ts';
import type { Item } from '../redemptions/item.ts';
import { redeem } from '../redemptions/redeem.ts';
import { lasting, services } from '../services.ts';
import { writeLog } from '../write-log.ts';
import { Bounded } from './bounded.ts';
import { nodeBulk } from './bulk.ts';
import type { OpenDatabase } from './database.ts';
import { dial } from './dial.ts';
import { housekeep } from './housekeep.ts';
import { listen, type Listening } from './listen.ts';
import { pages } from './pages.ts';
import type { Shutdown } from './shutdown.ts';
import { print } from './step.ts';
import { type Door, turnstile } from './turnstile.ts';

export type ServeOptions = {
  config: Config;
  database: Pick<OpenDatabase, 'url'>;
  tls: { key: string; cert: string } | null;
  hasPages: boolean;
  shutdown: Shutdown;
};

const connectionsPerCore = 4;
/** More than may wait for a redemption and a claim (`Batcher`), so that a rush leaves room for all else. */
const requestsMax = 3_500;

/** The one server of this process: the API, and in front of it the pages. */
export async function serve(options: ServeOptions): Promise<Listening> {
  const { config, database, tls, hasPages, shutdown } = options;
  const sql = connect(database.url, { max: connectionsPerCore * availableParallelism(), dial });
  shutdown.add(() => sql.end({ timeout: 5 }));
  const work = new Set<Promise<unknown>>();
  const after = (one: Promise<unknown>) => {
    const watched = one.catch((error: unknown) => kept.log.error(error, 'after'));
    work.add(watched);
    void watched.finally(() => work.delete(watched));
  };
  shutdown.add(async () => void (await Promise.allSettled(work)));
  const kept = lasting(config, writeLog(config.logLevel, print));
  // Connections of its own: a redemption stands behind no reading, and a counter held up stops no reading.
  const statementsMax = Math.max(2, availableParallelism());
  const writing = connect(database.url, { max: statementsMax, dial });
  shutdown.add(() => writing.end({ timeout: 5 }));
  const batcher = new Batcher((items: readonly Item[]) => redeem(writing, items), {
    statementsMax,
  });
  // One at a time, on a connection of its own: half the machine is left to all else while a drop is on.
  const dropping = connect(database.url, { max: 1, dial });
  shutdown.add(() => dropping.end({ timeout: 5 }));
  const claims = new Batcher((items: readonly ClaimItem[]) => claimEach(dropping, items), {
    statementsMax: 1,
    itemsMax: 200,
    waitingMax: 1_000,
  });
  const doors: Door[] = [
    { path: '/api/redemptions/', batcher },
    { path: '/api/claims/', batcher: claims },
  ];
  const bounded = new Bounded(requestsMax);
  const all = { ...services(kept, sql, after), batcher, claims, bulk: nodeBulk(config.secret) };
  const site = hasPages ? await pages() : null;
  const server = await listen({
    host: config.host,
    port: config.port,
    tls,
    answer: (request, peer) => {
      if (site && !isForApi(new URL(request.url).pathname)) return site.fetch(request);
      const forwarded = config.addressHeader && request.headers.get(config.addressHeader);
      const address = forwarded ?? peer;
      const caller = { ...all, ...(address !== undefined && { address }) };
      return bounded.answer(request, (one) => app.fetch(one, caller));
    },
    before: (listener) => turnstile(doors, listener),
  });
  shutdown.add(() => server.close());
  shutdown.add(housekeep(all));
  return server;
}

function isForApi(path: string): boolean {
  return path === '/api' || path.startsWith('/api/') || path.startsWith('/.well-known/');
}
