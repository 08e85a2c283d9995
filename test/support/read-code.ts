import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';

const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');

/** The text of the one QR code in a picture, as a camera would read it; empty when there is none. */
export async function readCode(picture: Uint8Array): Promise<string> {
  const { buffer } = new Uint8Array(await readFile(wasm));
  prepareZXingModule({ overrides: { wasmBinary: buffer } });
  const [code] = await readBarcodes(picture, { formats: ['QRCode'] });
  return code?.text ?? '';
}
