import { Decoder } from '#lib/scan/decoder.ts';

let isKept = false;

/** Has the scanner read a blank picture once, so that the service worker keeps its wasm, which is only fetched when used. */
export async function keepScanner(): Promise<void> {
  if (isKept) return;
  await navigator.serviceWorker.ready;
  const decoder = new Decoder();
  try {
    await decoder.read(await createImageBitmap(new ImageData(1, 1)));
    isKept = true;
  } finally {
    decoder.close();
  }
}
