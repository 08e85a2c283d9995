import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { arrayTypes, safeInteger } from './arrays.ts';

export type Sql = postgres.Sql<{ bigint: number }>;
export type Transaction = postgres.TransactionSql<{ bigint: number }>;
export type Orm = PostgresJsDatabase;

export type ConnectOptions = {
  /** Connections at most. More than two to four a core make a hot row slower, not faster: queue outside. */
  max?: number;
  /** Sees every statement sent, so that a test can count them. */
  onStatement?: (statement: string) => void;
  /** False behind a pooler that has no session, such as Hyperdrive: no start-up query, no session settings. */
  hasSession?: boolean;
  /** Session settings beside the time limits. */
  settings?: Record<string, string>;
  /** Begins to connect, where a shell has a better way than the driver: a socket of Node's. */
  dial?: (address: Address) => unknown;
};

/** Where a connection leads; with `path` over a socket of the file system. */
export type Address = { host: string; port: number; path?: string };

const int8 = 20;
const json = 114;
const jsonb = 3802;
const timestamp = 1114;
const timestamptz = 1184;
const reconnectSecondsMax = 0.5;
/** A connection that nobody needs is closed after this. */
export const idleSeconds = 20;

/**
 * A pool of connections. Values come as their meaning: int8 as a safe number, instants as Date, jsonb parsed, arrays as
 * arrays, dates as text; the same through `sql` and through Drizzle.
 */
export function connect(url: string, options: ConnectOptions = {}): Sql {
  const { max = 8, onStatement, hasSession = true, settings = {}, dial } = options;
  return postgres(url, {
    max,
    connect_timeout: 10,
    idle_timeout: idleSeconds,
    // The driver would wait up to 20 seconds before it looks whether a database is back.
    backoff: (failures: number) => Math.min(failures / 20, reconnectSecondsMax),
    fetch_types: hasSession,
    onnotice: () => {},
    ...(dial && { socket: takeTurns(dial) }),
    ...(onStatement && { debug: (_connection, statement) => onStatement(statement) }),
    types: {
      ...arrayTypes,
      bigint: { to: int8, from: [int8], serialize: String, parse: safeInteger },
    },
    ...(hasSession && {
      connection: {
        application_name: 'tongka',
        statement_timeout: 15_000,
        idle_in_transaction_session_timeout: 15_000,
        ...settings,
      },
    }),
  });
}

type Parsed = { host: string[]; port: number[]; path?: string | false };

/** Where several hosts are named, one after the other. */
function takeTurns(dial: (address: Address) => unknown): (parsed: Parsed) => unknown {
  let turn = -1;
  return ({ host, port, path }) => {
    turn = (turn + 1) % host.length;
    return dial({ host: host[turn] ?? '', port: port[turn] ?? 0, ...(path && { path }) });
  };
}

/** Drizzle on the same pool. It switches off the driver's conversions of instants and JSON: they are put back. */
export function orm(sql: Sql): Orm {
  const client = drizzle(sql, { casing: 'snake_case' });
  const { parsers, serializers } = sql.options;
  for (const type of [timestamp, timestamptz]) {
    parsers[type] = (text: string) => new Date(text);
    serializers[type] = (at: unknown) => (at instanceof Date ? at.toISOString() : at);
  }
  for (const type of [json, jsonb]) {
    parsers[type] = (text: string): unknown => JSON.parse(text);
    // Drizzle hands over finished text, everybody else a value.
    serializers[type] = (value: unknown) =>
      typeof value === 'string' ? value : JSON.stringify(value);
  }
  return client;
}
