import { printCodes } from '../../api/node/gateway.ts';
import { Shutdown } from '../../api/node/shutdown.ts';
import { freePort } from '../../api/node/wrangler.ts';
import { readConfig, type Config } from '../../api/config.ts';
import { connect, type Sql } from '../../db/client.ts';
import type { Cluster } from '../../db/embedded.ts';
import { createRandom, type Random } from '../../db/seed/random.ts';
import { demoPeople } from '../../db/seed/people.ts';
import { testSecret } from '../support/app.ts';
import { Caller } from '../support/caller.ts';
import { ApiProcess } from './api-process.ts';
import { Book } from './book.ts';
import { Counters, type CountersOptions } from './counters.ts';
import { type DrillDatabaseOptions, openDatabase, withSql } from './database.ts';
import { checkScarce, makeOffer, type Offer } from './offer.ts';
import type { Order } from './put.ts';
import { openTill, type Till } from './till.ts';

export type StageOptions = Omit<DrillDatabaseOptions, 'secret'> & {
  seed: number;
  /** Processes that serve it. */
  apis?: number;
  /** Where their code lies: another version's, if not this one's. */
  folder?: string;
  /** Places of the benefit that everybody wants. */
  scarcePlaces?: number;
  /** Their way to the database, where it is not the straight one. */
  through?: (url: string) => Promise<{ url: string; close: () => Promise<void> }>;
};

/** Of so many orders one is for what is scarce. */
const scarceOneIn = 6;

/** What a drill plays on: a PostgreSQL, API processes over HTTP, a signed-in operator, and the book of all answers. */
export type Stage = {
  cluster: Cluster;
  /** The straight way to the database. */
  url: string;
  random: Random;
  apis: ApiProcess[];
  book: Book;
  offer: Offer;
  till: Till;
  /** Orders for now: most of them of what never runs out. */
  orders: (count: number) => Promise<Order[]>;
  startApi: (folder?: string) => Promise<ApiProcess>;
  /** One of the demo's people, signed in at this process. */
  signIn: (api: ApiProcess, key: string) => Promise<Caller>;
  counters: (options?: Partial<CountersOptions>) => Counters;
  /** All that is wrong by now. */
  findings: () => Promise<string[]>;
  close: () => Promise<void>;
};

export async function openStage(options: StageOptions): Promise<Stage> {
  const shutdown = new Shutdown();
  try {
    return await furnish(options, shutdown);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function furnish(options: StageOptions, shutdown: Shutdown): Promise<Stage> {
  const { seed, apis: count = 2, scarcePlaces = 100, through, folder, ...making } = options;
  const random = createRandom(seed);
  const { cluster, url, stop } = await openDatabase({ ...making, secret: testSecret });
  shutdown.add(stop);
  const proxy = await through?.(url);
  if (proxy) shutdown.add(proxy.close);
  const codes = new Map<string, string>();
  const gateway = await printCodes(testSecret, (line) => {
    const [, phone = '', code = ''] = /^Code for (\S+): (\d+)$/.exec(line) ?? [];
    codes.set(phone, code);
  });
  shutdown.add(gateway.close);
  const config = await configure(gateway.url);
  const apis: ApiProcess[] = [];
  const startApi = async (from?: string) => {
    const databaseUrl = proxy?.url ?? url;
    const api = await ApiProcess.start({ config, databaseUrl, ...(from && { folder: from }) });
    shutdown.add(() => api.stop());
    apis.push(api);
    return api;
  };
  for (let i = 0; i < count; i += 1) await startApi(folder);
  const [first] = apis;
  if (!first) throw new Error('A stage needs a process.');
  const sql: Sql = connect(url, { max: 2 });
  shutdown.add(() => sql.end({ timeout: 1 }));
  const signIn = async ({ url: origin }: ApiProcess, key: string) => {
    const caller = new Caller({
      origin,
      fetch: (path, init) => fetch(`${origin}${path}`, init),
      lastCode: (phone) => codes.get(phone),
    });
    await caller.signIn(demoPeople.find((person) => person.key === key)?.phone ?? '');
    return caller;
  };
  const till = await openTill({ sql, config, signIn: (key) => signIn(first, key) });
  const offer = await makeOffer(sql, till.partner, scarcePlaces);
  const book = new Book();
  return {
    cluster,
    url,
    random,
    apis,
    book,
    offer,
    till,
    orders: (wanted) =>
      till.order(
        Array.from({ length: wanted }, () =>
          random.below(scarceOneIn) === 0 ? offer.scarce : random.pick(offer.plenty),
        ),
      ),
    startApi,
    signIn,
    counters: (asked = {}) => new Counters({ apis, cookie: till.cookie, book, ...asked }),
    findings: () =>
      withSql(url, async (straight) => [
        ...(await book.compare(straight, [...offer.plenty, offer.scarce])),
        ...(await checkScarce(straight, offer, book.refused)),
        ...apis.flatMap(({ isDead, output }) => (isDead ? [`a process ended: ${output}`] : [])),
      ]),
    close: () => shutdown.run(),
  };
}

async function configure(gatewayUrl: string): Promise<Config> {
  return readConfig({
    DATABASE_URL: 'postgres://127.0.0.1/elsewhere',
    ORIGIN: `http://127.0.0.1:${await freePort()}`,
    TONGKA_SECRET: testSecret,
    SMS_GATEWAY_URL: gatewayUrl,
    SMS_GATEWAY_SECRET: testSecret,
  });
}
