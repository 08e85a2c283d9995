import { createHash, randomInt } from 'node:crypto';
import { uuidv7 } from 'uuidv7';
import { partBytes } from '../../api/imports/files.ts';
import type { ImportView } from '../../api/imports/view.ts';
import type { Columns } from '../../db/schema/imports.ts';
import type { Browser, TestApp } from './app.ts';

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** A number that passes GB 11643, of a person of that birthday. */
export function idNumberOf(serial: number, bornOn = '19900501', place = '110101'): string {
  const digits = `${place}${bornOn}${String(serial % 1000).padStart(3, '0')}`;
  const sum = weights.reduce((all, weight, i) => all + weight * Number(digits[i]), 0);
  return digits + ('10X98765432'[sum % 11] ?? '');
}

export const newPhone = (): string => `139${String(randomInt(1e8)).padStart(8, '0')}`;

export const file = (...lines: string[]): Uint8Array => Buffer.from(`${lines.join('\n')}\n`);

export const digestOf = (bytes: Uint8Array): string => {
  const digests: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += partBytes) {
    digests.push(
      createHash('sha256')
        .update(bytes.subarray(at, at + partBytes))
        .digest(),
    );
  }
  return createHash('sha256').update(Buffer.concat(digests)).digest('hex');
};

/** A desk at which a union's files are taken in, step by step over HTTP. */
export class RosterDesk {
  readonly #app: TestApp;
  readonly #browser: Browser;
  readonly #union: number;

  constructor(app: TestApp, browser: Browser, union: number) {
    this.#app = app;
    this.#browser = browser;
    this.#union = union;
  }

  async begin(bytes: number, id = uuidv7()): Promise<string> {
    const begun = { unionId: this.#union, fileName: '名册.csv', bytes };
    await answered(this.#browser.put(`/api/imports/${id}`, begun));
    return id;
  }

  putPart(id: string, bytes: Uint8Array, number: number): Promise<Response> {
    return this.#browser.sendBytes(
      `/api/imports/${id}/parts/${number}`,
      bytes.slice(number * partBytes, (number + 1) * partBytes),
    );
  }

  /** All parts of the file, and its end. */
  async upload(bytes: Uint8Array): Promise<ImportView> {
    const id = await this.begin(bytes.length);
    for (let number = 0; number * partBytes < bytes.length; number++) {
      await answered(this.putPart(id, bytes, number));
    }
    return this.#step(id, 'upload', { digest: digestOf(bytes) });
  }

  /** Up to the end of its dry run. */
  async check(bytes: Uint8Array, isComplete = false, columns?: Columns): Promise<ImportView> {
    const { id, table } = await this.upload(bytes);
    return this.#step(id, 'check', { columns: columns ?? table?.guess ?? {}, isComplete });
  }

  commit(id: string): Promise<ImportView> {
    return this.#step(id, 'commit', {});
  }

  undo(id: string): Promise<ImportView> {
    return this.#step(id, 'undo', { reason: '选错了文件' });
  }

  view(id: string): Promise<ImportView> {
    return answered<ImportView>(this.#browser.get(`/api/imports/${id}`));
  }

  async rejected(id: string): Promise<[row: number, problem: string][]> {
    const answer = await answered<{ rejected: { row: number; problem: string }[] }>(
      this.#browser.get(`/api/imports/${id}/rejected?limit=500`),
    );
    return answer.rejected.map(({ row, problem }) => [row, problem]);
  }

  async #step(id: string, step: string, body: unknown): Promise<ImportView> {
    await answered(this.#browser.post(`/api/imports/${id}/${step}`, body));
    await Promise.all(this.#app.working);
    return this.view(id);
  }
}

export async function answered<Body = unknown>(asked: Promise<Response>): Promise<Body> {
  const answer = await asked;
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Body;
}

/** Its two-byte characters, by asking the decoder for every pair. */
export function gb18030(text: string): Uint8Array {
  const decoder = new TextDecoder('gb18030');
  const pairs = new Map<string, [number, number]>();
  for (let a = 0x81; a <= 0xfe; a++) {
    for (let b = 0x40; b <= 0xfe; b++) {
      if (b !== 0x7f) pairs.set(decoder.decode(Uint8Array.of(a, b)), [a, b]);
    }
  }
  const bytes: number[] = [];
  for (const char of text) {
    if (char < '\x80') bytes.push(char.charCodeAt(0));
    else bytes.push(...(pairs.get(char) ?? [0x3f]));
  }
  return Uint8Array.from(bytes);
}
