import { api, ask } from '../api.ts';
import { Loaded } from '../console/loaded.svelte.ts';
import type { Device } from './types.ts';

/** The phones that somebody has charge of; at a union's desk those of the partners it or one below it contracted. */
export class Devices {
  readonly #loaded = new Loaded<readonly Device[]>();
  readonly #query: { union?: string };

  constructor(union?: number) {
    this.#query = union === undefined ? {} : { union: String(union) };
  }

  get all(): readonly Device[] | null {
    return this.#loaded.value;
  }
  get problem() {
    return this.#loaded.problem;
  }

  load(): Promise<void> {
    return this.#loaded.ask(
      async () => (await ask(api.devices.$get({ query: this.#query }))).devices,
    );
  }

  async revoke(device: Device, reason: string): Promise<void> {
    const what = { param: { id: String(device.id) }, json: { reason } };
    await ask(api.devices[':id'].revocation.$post(what));
    await this.load();
  }
}
