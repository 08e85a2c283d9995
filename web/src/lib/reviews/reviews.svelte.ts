import { api, ask } from '../api.ts';
import { Paged } from '../console/paged.svelte.ts';
import type { Decision, ReviewItem, Verdict } from './types.ts';

export type ReviewQuery = { state: 'open' | 'decided'; verdict?: Verdict; union?: string };

/** Offline uses that somebody should look at, or did. */
export class Reviews extends Paged<ReviewItem> {
  show(query: ReviewQuery): Promise<void> {
    return this.start(async (cursor) => {
      const { items, next } = await ask(
        api['offline-items'].$get({ query: { ...query, ...(cursor !== undefined && { cursor }) } }),
      );
      return { rows: items, next };
    });
  }

  async decide(item: ReviewItem, decision: Decision, reason: string): Promise<void> {
    const { device, seq, hash } = item;
    const param = { device: String(device.id), seq: String(seq), hash };
    await ask(
      api['offline-items'][':device'][':seq'][':hash'].decision.$post({
        param,
        json: { decision, reason },
      }),
    );
    await this.reload();
  }
}
