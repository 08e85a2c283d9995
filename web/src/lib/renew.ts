/**
 * Reloads into the new version. The service worker answers pages from the version it came with, so it is fetched anew and
 * given its time to take over first.
 */
export async function renew(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.update().catch(() => undefined);
  const coming = registration?.installing ?? registration?.waiting;
  if (coming) {
    await new Promise<void>((settle) => {
      coming.addEventListener('statechange', () => {
        if (coming.state === 'activated' || coming.state === 'redundant') settle();
      });
    });
  }
  location.reload();
}
