import { keepScanner } from './keep-scanner.ts';
import { network } from './network.svelte.ts';
import { phone } from './phone.svelte.ts';

const everyMilliseconds = 3 * 60_000;

/** Keeps a paired phone fresh while its page is open: now, every few minutes, when looked at again, and when the network is back. */
export function keepFresh(): () => void {
  const look = (): void => {
    if (network.isOnline && document.visibilityState === 'visible') void phone.sync();
  };
  const stopWatching = network.watch();
  const stopListening = network.onBack(() => void phone.sync());
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
  };
}
