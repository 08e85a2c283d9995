import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../../db/embedded.ts';
import { StartError } from '../../db/start-error.ts';
import { fail } from './fail.ts';
import type { Shutdown } from './shutdown.ts';
import { print } from './step.ts';

const lookEveryMs = 1000;
const triesMax = 5;

/**
 * Starts the embedded PostgreSQL again when it dies under a running server, where the server's connections find it. When
 * that fails, the process ends: a server without its database helps nobody.
 */
export function reviveWhenDead(cluster: Cluster, shutdown: Shutdown): void {
  const ending = new AbortController();
  const watching = watch(cluster, ending.signal);
  shutdown.add(async () => {
    ending.abort();
    await watching.catch(() => {});
  });
  watching.catch((error: unknown) => shutdown.run().finally(() => fail(error)));
}

async function watch(cluster: Cluster, ending: AbortSignal): Promise<void> {
  for (let tries = 0; ;) {
    await pause(lookEveryMs, null, { signal: ending, ref: false }).catch(() => {});
    if (ending.aborted) return;
    if (await cluster.isRunning()) continue;
    try {
      await cluster.revive();
      print('PostgreSQL had died, and was started again.');
      tries = 0;
    } catch (error) {
      // What is left of the dead one may need a moment to go.
      tries += 1;
      if (tries < triesMax) continue;
      const reason = error instanceof Error ? error.message : String(error);
      throw new StartError(`PostgreSQL has died and cannot be started again. ${reason}`, {
        cause: error,
      });
    }
  }
}
