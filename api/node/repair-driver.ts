import { registerHooks } from 'node:module';

type Edit = readonly [text: string, repaired: string];

/**
 * What postgres.js 3.4.9 does wrong when a connection dies, put right as it is loaded (its issues 1193, 1208, 1216). Left
 * alone, a PostgreSQL that is killed takes this process, or a connection of its pool for good, with it. An edit whose
 * text is not found stops the start: then the driver has changed, and this file is to be looked at.
 */
const repairs: Readonly<Record<string, readonly Edit[]>> = {
  '/postgres/src/connection.js': [
    // What was not yet written belonged to the dead session; kept, it would be the first thing the next one hears.
    [
      `    clearImmediate(nextWriteTimer)
    if (socket) {`,
      `    clearImmediate(nextWriteTimer)
    chunk = nextWriteTimer = null
    if (socket) {`,
    ],
    // Nobody writes to a socket that is gone: whoever waits is told.
    [
      `    const x = socket.write(chunk, fn)`,
      `    if (!socket) {
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options))
      return false
    }
    const x = socket.write(chunk, fn)`,
    ],
    // Who asked for the connection is told that it failed; that its preparation failed is nobody's to catch.
    [`return fetchArrayTypes()`, `return fetchArrayTypes().catch(noop)`],
    // However it closed, whoever waits is told, and the next session begins with nothing of this one.
    [
      `    if (initial)
      return reconnect()

    !hadError && (query || sent.length) && error(Errors.connection('CONNECTION_CLOSED', options, socket))`,
      `    error(Errors.connection('CONNECTION_CLOSED', options, socket))
    chunk = nextWriteTimer = errorResponse = query = results = null
    result = new Result()
    rows = 0`,
    ],
  ],
  '/postgres/src/index.js': [
    // A transaction ends with its connection: what it still asks must not run in somebody else's.
    [
      `        new Promise((_, reject) => connection.onclose = reject)`,
      `        new Promise((_, reject) => connection.onclose = e => reject(lost = e))`,
    ],
    [
      `      , connection
      , prepare = null`,
      `      , connection
      , lost = null
      , prepare = null`,
    ],
    [
      `        q.catch(e => uncaughtError || (uncaughtError = e))
        c.queue === full`,
      `        q.catch(e => uncaughtError || (uncaughtError = e))
        lost ? q.reject(lost) : c.queue === full`,
    ],
  ],
};

// The hooks are the thread's, though a test runner loads this file for each of its module graphs.
const registered = Symbol.for('tongka.repair-driver');
const thread: typeof globalThis & { [registered]?: true } = globalThis;

if (!thread[registered]) {
  thread[registered] = true;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      const [name, edits] = Object.entries(repairs).find(([path]) => url.endsWith(path)) ?? [];
      if (!edits) return loaded;
      const text = String(loaded.source);
      return { ...loaded, source: edits.reduce((all, edit) => apply(all, edit, name ?? ''), text) };
    },
  });
}

function apply(text: string, [found, repaired]: Edit, name: string): string {
  if (text.split(found).length !== 2)
    throw new Error(`${name} is not the driver that is repaired.`);
  return text.replace(found, () => repaired);
}
