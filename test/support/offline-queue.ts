import type { Sql } from '../../db/client.ts';
import type { Device, OfflineItem } from './city.ts';
import { type Entry, link } from './device-phone.ts';
import { type Judged, uploadBySql } from './offline.ts';

export type Fault = { invalid: string };

/** What one device scanned without a network, as the database meets it: its chain, and what each text means. */
export class OfflineQueue {
  readonly device: Device;
  readonly entries: Entry[] = [];
  readonly #items: (OfflineItem | Fault)[] = [];
  readonly #sql: Sql;

  constructor(sql: Sql, device: Device) {
    this.#sql = sql;
    this.device = device;
  }

  async add(...items: (OfflineItem | Fault)[]): Promise<this> {
    for (const item of items) {
      this.entries.push(await link(this.entries.at(-1), JSON.stringify(item)));
      this.#items.push(item);
    }
    return this;
  }

  /** Sends `count` scans from seq `from` on, all unless told otherwise, and answers what was judged by it. */
  upload(from = 1, count = this.entries.length, by = this.#sql): Promise<Judged[]> {
    const sent = this.entries.slice(from - 1, from - 1 + count);
    return uploadBySql(by, this.device.id, sent, (seq) => this.#items[seq - 1] ?? {});
  }

  /** How all of them stand now: `accepted`, or the verdict and its reason; null while not judged. */
  async verdicts(): Promise<(string | null)[]> {
    const rows = await this.#sql<{ verdict: string | null; reason: string | null }[]>`
      select verdict, reason from offline_item where device_id = ${this.device.id}
      order by seq, reason is not distinct from 'seq_forked'`;
    return rows.map(({ verdict, reason }) =>
      reason === null ? verdict : `${verdict ?? ''}: ${reason}`,
    );
  }
}
