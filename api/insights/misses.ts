import type { Sql } from '../../db/client.ts';
import type { Reason } from '../../db/schema/reasons.ts';
import type { Log } from '../log.ts';
import { addMisses, type Refused, type Searched } from './miss-queries.ts';
import { normalise } from './normalise.ts';

/** Reasons why a benefit is not to be had, as against those that lie in a card, a pass or a session. */
export const unmetReasons = [
  'benefit_paused',
  'benefit_not_today',
  'benefit_not_at_this_hour',
  'partner_paused',
  'partner_not_admitted',
  'district_not_valid',
  'audience_district',
  'audience_union',
  'audience_age',
  'audience_tag',
  'no_allocation',
  'limit_reached',
  'category_limit_reached',
  'partner_day_cap_reached',
  'partner_cap_reached',
  'quota_exhausted',
] as const satisfies readonly Reason[];

export type UnmetReason = (typeof unmetReasons)[number];

const unmet: ReadonlySet<Reason> = new Set(unmetReasons);

/** What a member looked for; `word` as he typed it. */
export type Search = {
  word?: string | undefined;
  kind?: string | undefined;
  district?: number | undefined;
};

type Pen = { sql: Sql; log: Log; after: (work: Promise<unknown>) => void };

const pauseMs = 1000;
const patienceMs = 30_000;
const pendingMax = 2000;
const heardMax = 20_000;

/**
 * Counts what was wanted and not there, beside the answers and never in their way: kept in memory, added up, and written
 * by one statement a second at most, behind an answer. A member's search counts once, also when he tries again; who he is
 * is forgotten with the process. A rush beyond the bounds, and what the last second of a process held, is not counted.
 */
export class Misses {
  readonly #elapsedMs: () => number;
  #searches = new Map<string, Searched>();
  #refusals = new Map<string, Refused>();
  #heard = new Set<string>();
  #writtenAtMs = -Infinity;
  #writingSinceMs: number | null = null;

  constructor(elapsedMs: () => number = () => Date.now()) {
    this.#elapsedMs = elapsedMs;
  }

  search(pen: Pen, user: string, search: Search): void {
    const row = {
      user,
      word: normalise(search.word),
      kind: search.kind ?? null,
      district: search.district ?? null,
      times: 1,
    };
    const key = JSON.stringify([user, row.word, row.kind, row.district]);
    if (this.#heard.has(key) || this.#searches.size >= pendingMax) return;
    if (this.#heard.size >= heardMax) this.#heard.clear();
    this.#heard.add(key);
    this.#searches.set(key, row);
    this.#write(pen);
  }

  /** `at`: an outlet, or the page that a user read. */
  refusal(
    pen: Pen,
    reason: Reason,
    benefit: number,
    at: { outlet: number } | { user: string },
  ): void {
    if (!unmet.has(reason)) return;
    const outlet = 'outlet' in at ? at.outlet : null;
    const user = 'user' in at ? at.user : null;
    const key = JSON.stringify([reason, benefit, outlet, user]);
    const row = this.#refusals.get(key);
    if (row) row.times += 1;
    else if (this.#refusals.size < pendingMax)
      this.#refusals.set(key, { reason, benefit, outlet, user, times: 1 });
    this.#write(pen);
  }

  /** Writes what there is; how many lines. */
  async flush(sql: Sql): Promise<number> {
    const searches = [...this.#searches.values()];
    const refusals = [...this.#refusals.values()];
    this.#searches = new Map();
    this.#refusals = new Map();
    if (searches.length + refusals.length > 0) await addMisses(sql, searches, refusals);
    return searches.length + refusals.length;
  }

  #write({ sql, log, after }: Pen): void {
    const nowMs = this.#elapsedMs();
    // A Worker's request may be ended in the middle of it, and never say so.
    const isWriting = this.#writingSinceMs !== null && nowMs - this.#writingSinceMs < patienceMs;
    if (isWriting || nowMs - this.#writtenAtMs < pauseMs) return;
    this.#writingSinceMs = nowMs;
    after(
      this.flush(sql)
        .catch((error: unknown) => log.error(error, 'misses'))
        .finally(() => {
          this.#writtenAtMs = this.#elapsedMs();
          this.#writingSinceMs = null;
        }),
    );
  }
}
