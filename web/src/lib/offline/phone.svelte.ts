import type { Problem } from '#lib/problem.ts';
import { isSetBack } from './check.ts';
import { network } from './network.svelte.ts';
import { News } from './news.ts';
import { leftOf } from './offers.ts';
import { openStore } from './store.ts';
import type { Briefing, Clock, Device, Entry, Item, Kept, Lease, Store } from './store.ts';
import { sync } from './sync.ts';
import { forgiveRefused } from './upload.ts';

/** What the screens know of this phone: a picture of its store, taken anew whenever a tab changes it. */
type Picture = {
  device: Device | null;
  clock: Clock | null;
  briefing: Kept<Briefing> | null;
  statusAt: number | null;
  leases: readonly Lease[];
  items: readonly Item[];
  entries: readonly Entry[];
};

const nothing: Picture = {
  device: null,
  clock: null,
  briefing: null,
  statusAt: null,
  leases: [],
  items: [],
  entries: [],
};

/** This phone as a device of an outlet, or as one that is not paired. */
class Phone {
  #store: Store | null = null;
  #opening: Promise<void> | null = null;
  #news: News | null = null;
  #picture = $state.raw<Picture>(nothing);
  #problem = $state.raw<Problem | null>(null);
  #isSyncing = $state(false);
  #syncing: Promise<void> | null = null;

  get device(): Device | null {
    return this.#picture.device;
  }
  /** Paired, not revoked, and everything is there that a scan without a network needs. */
  get isReady(): boolean {
    const { device, clock, briefing, statusAt } = this.#picture;
    return device?.revokedAt === null && clock !== null && briefing !== null && statusAt !== null;
  }
  get store(): Store | null {
    return this.#store;
  }
  get clock(): Clock | null {
    return this.#picture.clock;
  }
  /** When all of it was last known to be right (epoch milliseconds of the server). */
  get refreshedAt(): number | null {
    const { briefing, statusAt } = this.#picture;
    return briefing === null || statusAt === null ? null : Math.min(briefing.checkedAt, statusAt);
  }
  /** Scans that no receipt covers yet. */
  get waiting(): number {
    return this.#picture.items.length;
  }
  /** Those of them that the server turned down for themselves. */
  get refused(): readonly Item[] {
    return this.#picture.items.filter(({ refused }) => refused !== null);
  }
  /** Newest first. */
  get entries(): readonly Entry[] {
    return this.#picture.entries;
  }
  get leases(): {
    lease: Lease;
    title: { titleZh: string; titleEn: string } | null;
    left: number;
  }[] {
    const { leases, entries, briefing } = this.#picture;
    const benefits = briefing?.content.benefits ?? [];
    return leases.map((lease) => ({
      lease,
      title: benefits.find(({ id }) => id === lease.benefit) ?? null,
      left: leftOf(lease, entries),
    }));
  }
  /** Until when what can be given at `now` can be given without a network; null when nothing can. */
  lastsUntil(now: number): number | null {
    const ends = this.leases
      .filter(({ left }) => left > 0)
      .map(({ lease }) => Date.parse(lease.expiresAt))
      .filter((end) => end > now);
    return ends.length === 0 ? null : Math.min(...ends);
  }
  /** Whether the clock was set back since this phone last learned or stored anything: it cannot judge a pass then. */
  isClockBack(now: number): boolean {
    const { clock, entries } = this.#picture;
    return clock !== null && isSetBack(now, clock, entries[0]?.at);
  }
  /** Why the last try to upload or to refresh did not succeed. */
  get problem(): Problem | null {
    return this.#problem;
  }
  get isSyncing(): boolean {
    return this.#isSyncing;
  }
  /** The server's time by this phone's clock, as far as it knows. */
  now(): number {
    return Date.now() + (this.#picture.clock?.offsetMs ?? 0);
  }

  /** Opens what this phone keeps. Where a browser keeps nothing, the phone is one that is not paired. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Reads the store anew and tells the other tabs to do so. */
  async changed(): Promise<void> {
    await this.#look();
    this.#news?.tell();
  }

  /** Uploads and refreshes, unless it is at it already. */
  sync(): Promise<void> {
    this.#syncing ??= this.#sync().finally(() => (this.#syncing = null));
    return this.#syncing;
  }

  async tryRefusedAgain(): Promise<void> {
    if (this.#store === null) return;
    await forgiveRefused(this.#store);
    await this.sync();
  }

  async #open(): Promise<void> {
    try {
      this.#store = await openStore();
    } catch {
      return;
    }
    this.#news = new News();
    this.#news.onHeard(() => void this.#look());
    await this.#look();
  }

  async #sync(): Promise<void> {
    await this.open();
    if (this.#store === null || this.device === null) return;
    this.#isSyncing = true;
    try {
      this.#problem = await sync(this.#store);
    } finally {
      this.#isSyncing = false;
    }
    if (this.#problem === null) network.find();
    else network.heed(this.#problem);
    await this.changed();
  }

  async #look(): Promise<void> {
    const store = this.#store;
    if (store === null) return;
    const [device, clock, briefing, status, leases, items, entries] = await Promise.all([
      store.get('device', 'this'),
      store.get('clock', 'this'),
      store.get('briefing', 'this'),
      store.get('status', 'this'),
      store.getAll('leases'),
      store.getAll('items'),
      store.getAll('log'),
    ]);
    this.#picture = {
      device: device ?? null,
      clock: clock ?? null,
      briefing: briefing ?? null,
      statusAt: status?.checkedAt ?? null,
      leases,
      items,
      entries: entries.reverse(),
    };
  }
}

export const phone = new Phone();
