import { Session } from 'node:inspector/promises';
import { app } from '../../api/app.ts';
import type { Config } from '../../api/config.ts';
import { listen } from '../../api/node/listen.ts';
import { serve } from '../../api/node/serve.ts';
import { Shutdown } from '../../api/node/shutdown.ts';
import { lasting, services } from '../../api/services.ts';
import { writeLog } from '../../api/write-log.ts';
import { connect } from '../../db/client.ts';
import { profileOf, type Profile } from './profile.ts';

/** What the parent may ask of a server in a process of its own, and what it hears. */
export type Ask =
  { do: 'start'; config: Config; isGathered: boolean } | { do: 'profile' | 'report' };
export type Report = { profile: Profile | null; megabytesMax: number; cpuSeconds: number };

const session = new Session();
let isProfiling = false;

// What the system counts as the highest would include the process this one was forked from.
let bytesMax = 0;
setInterval(() => {
  bytesMax = Math.max(bytesMax, process.memoryUsage.rss());
}, 50).unref();

/** The product as it is served, or without its batcher, as a Worker would answer. */
async function start(config: Config, isGathered: boolean): Promise<void> {
  const database = { url: config.databaseUrl ?? '' };
  if (isGathered) {
    await serve({ config, database, tls: null, hasPages: false, shutdown: new Shutdown() });
    return;
  }
  const log = writeLog(config.logLevel, (line) => process.stdout.write(`${line}\n`));
  const all = services(lasting(config, log), connect(database.url), (work) => void work);
  await listen({ ...config, tls: null, answer: (request) => app.fetch(request, all) });
}

async function startProfile(): Promise<void> {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 500 });
  await session.post('Profiler.start');
  isProfiling = true;
}

async function report(): Promise<Report> {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const profile = isProfiling ? profileOf((await session.post('Profiler.stop')).profile) : null;
  if (isProfiling) session.disconnect();
  isProfiling = false;
  return {
    profile,
    megabytesMax: bytesMax / 2 ** 20,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  };
}

process.on('message', (ask: Ask) => {
  const work =
    ask.do === 'start'
      ? start(ask.config, ask.isGathered)
      : ask.do === 'profile'
        ? startProfile()
        : report();
  void work.then((answer) => process.send?.(answer ?? null));
});
process.on('disconnect', () => process.exit(0));
