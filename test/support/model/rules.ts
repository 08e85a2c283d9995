/** Who bears what turns out to be one use too many. */
export type Bearer = 'union' | 'district' | 'partner';
export type District = 'home' | 'host';
export type Verdict = 'accepted' | 'duplicate' | 'over_limit' | 'invalid' | 'needs_review';

/** What somebody asks for: a member's pass of a minute, a benefit, how many; and the id it goes by, in text order. */
export type Ask = {
  id: string;
  member: number;
  benefit: number;
  quantity: number;
  /** Milliseconds; its minute is the pass. */
  at: number;
  outlet: District;
};

/** An offline scan, with the place of the lease it says it spends. */
export type Scan = Ask & { lease: number | null };

export type Use = Ask & {
  device: number | null;
  lease: number | null;
  pool: string;
  variance: string | null;
  bearer: Bearer | null;
  isReversed: boolean;
};

export type Lease = {
  device: number;
  benefit: number;
  units: number;
  used: number;
  expiresAt: number;
  isReturned: boolean;
};

export type Judged = { verdict: Verdict; reason: string | null };

export type Device = {
  outlet: District;
  /** What has arrived, by seq. */
  kept: Map<number, Scan>;
  judged: Map<number, Judged>;
  judgedSeq: number;
  isRevoked: boolean;
};

export type Terms = {
  limit: number;
  quantityMax: number;
  priceFen: number;
  policy: {
    units: number;
    hours: number;
    cardUsesADay: number;
    valueMaxFen: number;
    variancePayer: Bearer;
  };
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** What a late upload has after a lease's end. */
const graceMs = 12 * hourMs;

/** The rules as one would tell them, one thing after the other, with nothing that is fast. */
export class Rules {
  now: number;
  readonly uses: Use[] = [];
  readonly leases: Lease[] = [];
  readonly caps = new Map<string, number>();
  readonly pausedAt: (number | null)[];
  readonly devices: Device[];
  readonly homes: readonly District[];
  readonly terms: readonly Terms[];

  /** `homes` are the members' districts, `outlets` the devices'. */
  constructor(now: number, homes: readonly District[], outlets: District[], terms: Terms[]) {
    this.now = now;
    this.homes = homes;
    this.terms = terms;
    this.pausedAt = terms.map(() => null);
    this.devices = outlets.map((outlet) => ({
      outlet,
      kept: new Map(),
      judged: new Map(),
      judgedSeq: 0,
      isRevoked: false,
    }));
  }

  redeem(ask: Ask): string {
    const refused = this.#refusal(ask, this.now);
    if (refused !== null) return refused;
    const tooMany = this.#tooMany(ask, this.uses);
    if (tooMany !== null) return tooMany;
    const pool = this.#place(ask);
    if (pool === null) return 'quota_exhausted';
    this.uses.push(useOf(ask, { pool }));
    return 'accepted';
  }

  reverse(use: Use): string {
    if (use.isReversed) return 'already_reversed';
    use.isReversed = true;
    const lease = use.lease === null ? undefined : this.leases[use.lease];
    if (lease) lease.used -= use.quantity;
    return 'reversed';
  }

  /** False where the cap would be below what is used or lent. */
  setCap(pool: string, cap: number): boolean {
    if (this.used(pool) + this.leased(pool) > cap) return false;
    this.caps.set(pool, cap);
    return true;
  }

  /**
   * Fills a device's leases up, but never beyond half of what the pool would have without them; the leases it may then
   * spend.
   */
  renew(device: number): Lease[] {
    if (this.devices[device]?.isRevoked) return [];
    for (const [benefit, { policy }] of this.terms.entries()) {
      if (this.#isPaused(benefit, this.now)) continue;
      let lease = this.leases.find(
        (one) => one.device === device && one.benefit === benefit && this.#isOut(one),
      );
      const held = lease ? lease.units - lease.used : 0;
      const half = Math.floor((this.left(`${benefit}/shared`) + held) / 2);
      const more = Math.max(Math.min(policy.units, half) - held, 0);
      if (!lease && more === 0) continue;
      if (!lease) {
        lease = { device, benefit, units: 0, used: 0, expiresAt: 0, isReturned: false };
        this.leases.push(lease);
      }
      lease.units += more;
      lease.expiresAt = this.now + policy.hours * hourMs;
    }
    return this.leases.filter(
      (one) => one.device === device && !one.isReturned && this.now < one.expiresAt,
    );
  }

  giveBack(device: number): void {
    for (const lease of this.leases) if (lease.device === device) lease.isReturned = true;
  }

  revoke(device: number): void {
    this.giveBack(device);
    const found = this.devices[device];
    if (found) found.isRevoked = true;
  }

  /** Keeps what arrives, judges what follows without a gap, and says which seqs that were. */
  upload(device: number, scans: ReadonlyMap<number, Scan>): number[] {
    const its = this.devices[device];
    if (!its) return [];
    for (const [seq, scan] of scans) if (!its.kept.has(seq)) its.kept.set(seq, scan);
    const judged: number[] = [];
    const touched = new Map<string, Scan>();
    for (;;) {
      const seq = its.judgedSeq + 1;
      const scan = its.kept.get(seq);
      if (!scan) break;
      its.judged.set(seq, this.#judge(device, its, scan));
      touched.set(`${scan.member}/${scan.benefit}`, scan);
      its.judgedSeq = seq;
      judged.push(seq);
    }
    for (const { member, benefit } of touched.values()) this.#settle(member, benefit);
    return judged;
  }

  /** Units that redemptions hold of a pool itself; those on leases are `leased`. */
  used(pool: string): number {
    return unitsOf(
      this.uses.filter(
        (use) =>
          use.pool === pool && use.lease === null && use.variance === null && !use.isReversed,
      ),
    );
  }

  leased(pool: string): number {
    return this.leases
      .filter((lease) => `${lease.benefit}/shared` === pool)
      .reduce((sum, lease) => sum + (this.#isOut(lease) ? lease.units : lease.used), 0);
  }

  left(pool: string): number {
    return (this.caps.get(pool) ?? 0) - this.used(pool) - this.leased(pool);
  }

  /** What each account has got or given, in fen, by whose it is. */
  balances(): Map<string, number> {
    const sums = new Map<string, number>();
    const add = (whose: string, fen: number) => sums.set(whose, (sums.get(whose) ?? 0) + fen);
    for (const use of this.uses) {
      const payer = this.#payer(use);
      if (payer === null || use.isReversed) continue;
      const fen = use.quantity * (this.terms[use.benefit]?.priceFen ?? 0);
      add(payer, -fen);
      add('partner', fen);
    }
    return sums;
  }

  #judge(device: number, its: Device, scan: Scan): Judged {
    const terms = this.terms[scan.benefit];
    if (its.isRevoked) return { verdict: 'needs_review', reason: 'device_revoked' };
    const refused = this.#refusal(scan, scan.at);
    if (refused !== null) return judgedBy(refused);
    const { policy } = terms ?? {};
    const lease = this.#leaseFor(device, scan);
    const variance = this.#tooMany(scan, this.uses);
    const bearer = policy?.variancePayer ?? 'union';
    const pool = lease === null && variance === null ? this.#place(scan) : `${scan.benefit}/shared`;
    const reason = variance ?? (pool === null ? 'quota_exhausted' : null);
    if (lease !== null) {
      const spent = this.leases[lease];
      if (spent) spent.used += scan.quantity;
    }
    this.uses.push(
      useOf(scan, {
        device,
        lease,
        pool: pool ?? `${scan.benefit}/shared`,
        variance: reason,
        bearer,
      }),
    );
    return judgedBy(reason ?? 'accepted');
  }

  /** Of a member's offline uses of a benefit the earlier ones stand; those answered online all do. */
  #settle(member: number, benefit: number): void {
    const own = this.uses.filter((use) => use.member === member && use.benefit === benefit);
    const standing = own.filter((use) => use.device === null);
    const offline = own.filter((use) => use.device !== null).sort(byTime);
    for (const use of offline) {
      use.variance = this.#tooMany(use, standing);
      if (use.variance === null) standing.push(use);
    }
  }

  /** Why it does not count at all, by how things stood at an instant. */
  #refusal({ id, member, benefit, quantity, at, outlet }: Ask, standing: number): string | null {
    const taken = this.uses.find((use) => use.id === id);
    if (taken) {
      const isSame =
        taken.member === member &&
        taken.benefit === benefit &&
        taken.quantity === quantity &&
        taken.outlet === outlet &&
        minuteOf(taken.at) === minuteOf(at);
      return isSame ? (taken.variance ?? 'replayed') : 'exists_with_different_content';
    }
    if (this.#isPaused(benefit, standing)) return 'benefit_paused';
    return quantity > (this.terms[benefit]?.quantityMax ?? 0) ? 'quantity_too_large' : null;
  }

  /** Why it is one too many beside these. */
  #tooMany(ask: Ask, others: Use[]): string | null {
    const own = others.filter(
      (use) => use.member === ask.member && use.benefit === ask.benefit && use.variance === null,
    );
    if (own.some((use) => minuteOf(use.at) === minuteOf(ask.at))) return 'pass_already_used';
    const today = own.filter((use) => dayOf(use.at) === dayOf(ask.at) && !use.isReversed);
    return unitsOf(today) + ask.quantity > (this.terms[ask.benefit]?.limit ?? 0)
      ? 'limit_reached'
      : null;
  }

  #place({ member, benefit, quantity }: Ask): string | null {
    const pools = [`${benefit}/${this.homes[member] ?? ''}`, `${benefit}/shared`];
    return pools.find((pool) => this.left(pool) >= quantity) ?? null;
  }

  #leaseFor(device: number, scan: Scan): number | null {
    const lease = scan.lease === null ? undefined : this.leases[scan.lease];
    const isHeld =
      lease !== undefined &&
      lease.device === device &&
      lease.benefit === scan.benefit &&
      this.#isOut(lease) &&
      scan.at < lease.expiresAt &&
      lease.used + scan.quantity <= lease.units;
    return isHeld ? scan.lease : null;
  }

  #isPaused(benefit: number, at: number): boolean {
    const pausedAt = this.pausedAt[benefit] ?? null;
    return pausedAt !== null && pausedAt <= at;
  }

  #isOut(lease: Lease): boolean {
    return !lease.isReturned && this.now < lease.expiresAt + graceMs;
  }

  #payer({ pool, variance, bearer, outlet }: Use): string | null {
    if (variance === null) return pool.split('/')[1]?.replace('shared', 'city') ?? null;
    return { union: 'city', district: outlet, partner: null }[bearer ?? 'union'];
  }
}

function useOf(ask: Ask, rest: Partial<Use> & { pool: string }): Use {
  const { id, member, benefit, quantity, at, outlet } = ask;
  return {
    ...{ id, member, benefit, quantity, at, outlet },
    ...{ device: null, lease: null, variance: null, bearer: null, isReversed: false },
    ...rest,
  };
}

function judgedBy(outcome: string): Judged {
  switch (outcome) {
    case 'accepted':
    case 'replayed':
      return { verdict: 'accepted', reason: null };
    case 'pass_already_used':
      return { verdict: 'duplicate', reason: outcome };
    case 'limit_reached':
    case 'quota_exhausted':
      return { verdict: 'over_limit', reason: outcome };
    case 'exists_with_different_content':
      return { verdict: 'invalid', reason: outcome };
    default:
      return { verdict: 'needs_review', reason: outcome };
  }
}

const byTime = (a: Use, b: Use) => a.at - b.at || (a.id < b.id ? -1 : 1);
const unitsOf = (uses: Use[]) => uses.reduce((sum, use) => sum + use.quantity, 0);
const minuteOf = (at: number) => Math.floor(at / minuteMs);
/** Beijing's midnight is at 16:00 UTC. */
const dayOf = (at: number) => Math.floor((at + 8 * hourMs) / dayMs);
