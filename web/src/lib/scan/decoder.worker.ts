import { BarcodeDetector, prepareZXingModule } from 'barcode-detector/ponyfill';
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url';

// One decoder on every phone: the browsers' own ones differ in what they read, and many have none.
prepareZXingModule({ overrides: { locateFile: () => wasm } });
const detector = new BarcodeDetector({ formats: ['qr_code'] });

export type Job = { id: number; image: ImageBitmap };
export type Answer = { id: number; text: string | null } | { id: number; failed: string };

self.onmessage = async ({ data: { id, image } }: MessageEvent<Job>) => {
  let answer: Answer;
  try {
    const [found] = await detector.detect(image);
    answer = { id, text: found?.rawValue ?? null };
  } catch (thrown) {
    answer = { id, failed: thrown instanceof Error ? thrown.message : String(thrown) };
  }
  image.close();
  self.postMessage(answer);
};
