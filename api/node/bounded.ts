import { Problem, problemResponse } from '../errors.ts';

type Answer = (request: Request) => Response | Promise<Response>;

/**
 * Answers so many requests at once, and tells all others at once to come back: what waits costs memory and is late. Nothing
 * of a request that is turned away was looked at.
 */
export class Bounded {
  readonly #atOnceMax: number;
  #atOnce = 0;

  constructor(atOnceMax: number) {
    this.#atOnceMax = atOnceMax;
  }

  async answer(request: Request, answer: Answer): Promise<Response> {
    if (this.#atOnce >= this.#atOnceMax)
      return problemResponse(new Problem('busy', {}, { 'Retry-After': '1' }), crypto.randomUUID());
    this.#atOnce += 1;
    try {
      return await answer(request);
    } finally {
      this.#atOnce -= 1;
    }
  }
}
