/** Asks the service worker to keep the scanner's wasm, which is fetched only when first used otherwise. */
export async function keepScanner(): Promise<void> {
  const { active } = await navigator.serviceWorker.ready;
  if (active === null) return;
  const channel = new MessageChannel();
  const answered = new Promise<MessageEvent<boolean>>((resolve) => {
    channel.port1.onmessage = resolve;
  });
  active.postMessage('keep-scanner', [channel.port2]);
  await answered;
}
