import type { Answer, Job } from './decoder.worker.ts';

type Waiting = { resolve: (text: string | null) => void; reject: (error: Error) => void };

/** Reads QR codes off the main thread. `read` takes the image over. */
export class Decoder {
  #worker: Worker;
  #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor() {
    this.#worker = new Worker(new URL('./decoder.worker.ts', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if ('failed' in data) waiting?.reject(new Error(data.failed));
      else waiting?.resolve(data.text);
    };
    this.#worker.onerror = (event) => this.#fail(new Error(event.message));
  }

  read(image: ImageBitmap): Promise<string | null> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      const job: Job = { id, image };
      this.#worker.postMessage(job, [image]);
    });
  }

  close(): void {
    this.#worker.terminate();
    this.#fail(new Error('The decoder was closed.'));
  }

  #fail(error: Error): void {
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
