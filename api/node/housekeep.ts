import { runChores } from '../chores.ts';
import type { Services } from '../context.ts';

const minute = 60_000;

/** What the Cron Trigger does on Workers. Answers how to stop it, which waits for what is being done. */
export function housekeep(services: Services): () => Promise<void> {
  let running: Promise<void> | null = null;
  const timer = setInterval(() => {
    running ??= runChores(services).finally(() => (running = null));
  }, minute);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
