import { keepScanner } from './keep-scanner.ts';
import { network } from './network.svelte.ts';
import { phone } from './phone.svelte.ts';

const everyMilliseconds = 3 * 60_000;
const soonMilliseconds = 20_000;

/** Keeps a paired phone fresh while its page is open: now, every few minutes, when looked at again, and when the network is back. */
export function keepFresh(): () => void {
  let soon: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(soon);
    if (!network.isOnline || document.visibilityState !== 'visible') return;
    void phone.sync().then(() => {
      // The server is there and could not: what waits is not left until the next round.
      clearTimeout(soon);
      const isPassing = phone.problem !== null && [429, 500, 503].includes(phone.problem.status);
      if (isPassing && phone.waiting > 0) soon = setTimeout(look, soonMilliseconds);
    });
  };
  const stopWatching = network.watch();
  const stopListening = network.onBack(look);
  document.addEventListener('visibilitychange', look);
  const timer = setInterval(look, everyMilliseconds);
  void phone.open().then(() => {
    look();
    // A new version may have brought a new one.
    if (phone.device !== null) void keepScanner().catch(() => undefined);
  });
  return () => {
    stopWatching();
    stopListening();
    document.removeEventListener('visibilitychange', look);
    clearInterval(timer);
    clearTimeout(soon);
  };
}
