import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

/** OpenSSL called here and now, with a key made ready once. */
export function verifySync(key: KeyObject, jws: string): boolean {
  const end = jws.lastIndexOf('.');
  const signature = Buffer.from(jws.slice(end + 1), 'base64url');
  const said = Buffer.from(jws.slice(0, end));
  return verify('sha256', said, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

export function prepareKey(spki: ArrayBuffer): KeyObject {
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
}

/** The same in threads of our own, asked by messages in turn. */
export class Verifiers {
  readonly #workers: Worker[];
  readonly #waiting = new Map<number, (isGenuine: boolean) => void>();
  #next = 0;

  constructor(spki: ArrayBuffer, count: number) {
    this.#workers = Array.from(
      { length: count },
      () => new Worker(new URL(import.meta.url), { workerData: spki }),
    );
    for (const worker of this.#workers)
      worker.on('message', ([id, isGenuine]: [number, boolean]) => {
        this.#waiting.get(id)?.(isGenuine);
        this.#waiting.delete(id);
      });
  }

  verify(jws: string): Promise<boolean> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#workers[id % this.#workers.length]?.postMessage([id, jws]);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

if (!isMainThread) {
  const key = prepareKey(workerData as ArrayBuffer);
  parentPort?.on('message', ([id, jws]: [number, string]) => {
    parentPort?.postMessage([id, verifySync(key, jws)]);
  });
}
