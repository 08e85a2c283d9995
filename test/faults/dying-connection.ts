// Ways for a connection to die, each in a process of its own: a driver that is not repaired takes it along, or waits for ever.
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { asProblem } from '../../api/database-errors.ts';
import { dial } from '../../api/node/dial.ts';
import { connect, type ConnectOptions, type Sql } from '../../db/client.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';

const [way = '', url = ''] = process.argv.slice(2);
const patienceMs = 4000;
const name = `dying ${process.pid}`;
const open = (options: ConnectOptions = {}) =>
  connect(url, { max: 1, settings: { application_name: name }, ...options });

const ways: Record<string, () => Promise<string>> = {
  /** What a request is asking as the connection dies, and what the next one asks. */
  statement: async () => {
    const sql = open();
    const asked = sql`select pg_sleep(30)`.catch(codeOf);
    await cut();
    return `${String(await asked)}, then ${await after(sql)}`;
  },
  /** The same in the middle of a transaction, whose code goes on. */
  transaction: async () => {
    const sql = open();
    const asked = sql
      .begin(async (tx) => {
        await tx`select 1 as before`;
        await tx`select pg_sleep(30)`;
      })
      .catch(codeOf);
    await cut();
    return `${String(await asked)}, then ${await after(sql)}`;
  },
  /** A statement is given to the connection after its end, and before the driver knows of it. */
  unwritten: async () => {
    let line: Socket | undefined;
    const sql = open({ dial: (address) => (line = dial(address)) });
    await sql`select 1`;
    // From here on Node closes the line before it comes to what is to be written.
    const first = await new Promise((settle) => {
      setImmediate(() => {
        line?.destroy();
        settle(sql`select 2`.then(() => 'done', codeOf));
      });
    });
    return `${String(first)}, then ${await after(sql)}`;
  },
  /** The connection stands, and dies at the driver's first question of its own. */
  introduction: async () => {
    const proxy = await openFaultProxy(url, () => ({ kind: 'cut before' }));
    return String(await connect(proxy.url, { max: 1 })`select 1`.catch(codeOf));
  },
  /** A server that accepts, and closes at once, as one does that is going down. */
  greeting: async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const sql = connect(`postgres://somebody@127.0.0.1:${port}/nothing`, { max: 1 });
    return String(await sql`select 1`.catch(codeOf));
  },
};

/** Ends the session, once it is in its statement. */
async function cut(): Promise<void> {
  const admin = connect(url, { max: 1 });
  for (let found = 0; found === 0;) {
    const rows = await admin`
      select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = ${name} and query like '%pg_sleep%'`;
    found = rows.length;
  }
  await admin.end();
}

async function after(sql: Sql): Promise<string> {
  const rows = await sql<{ two: number }[]>`select 2 as two`;
  return rows.length === 1 && rows[0]?.two === 2 ? 'served' : JSON.stringify(rows);
}

/** What the product makes of it. */
function codeOf(error: unknown): string {
  return asProblem(error).code;
}

const run = ways[way];
if (!run) throw new Error(`There is no way ${way}.`);
const said = await Promise.race([run(), pause(patienceMs, 'nobody answers')]);
process.stdout.write(`${said}\n`);
process.exit(0);
