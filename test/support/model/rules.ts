import type { Share } from '../../../db/schema/benefits.ts';
import { divide } from './divide.ts';

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
  /** It took a place of the pool's top-up. */
  isTopped: boolean;
  /** The rule that it is shared by. */
  funding: Share[] | null;
  variance: string | null;
  /** Who bears it, where it is one too many. */
  bearer: Bearer | null;
  isReversed: boolean;
};

export type Decision = 'pay' | 'reject';

export type Lease = {
  device: number;
  benefit: number;
  units: number;
  used: number;
  expiresAt: number;
  isReturned: boolean;
};

export type Judged = { verdict: Verdict; reason: string | null };

/** A scan's verdict, with the use that it follows, and what a union said about it. */
type Standing = Judged & { use: Use | null; decision: Decision | null };

export type Device = {
  outlet: District;
  /** What has arrived, by seq. */
  kept: Map<number, Scan>;
  judged: Map<number, Standing>;
  judgedSeq: number;
  isRevoked: boolean;
};

export type Period = 'day' | 'week' | 'total';

export type Terms = {
  limit: number;
  period: Period;
  quantityMax: number;
  priceFen: number;
  /** How many uses the partner's admission allows in all. */
  admitted: number;
  /** May change. */
  funding: Share[] | null;
  /** May change hands. */
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
/** How long before its end a pass is good. */
const passMs = 70_000;

/** The rules as one would tell them, one thing after the other, with nothing that is fast. */
export class Rules {
  now: number;
  readonly uses: Use[] = [];
  readonly leases: Lease[] = [];
  readonly caps = new Map<string, number>();
  readonly toppedUp = new Map<string, number>();
  readonly pausedAt: (number | null)[];
  readonly devices: Device[];
  /** Where each member was at home, from when on; the last one is where he is. */
  readonly homes: readonly { from: number; at: District }[][];
  readonly terms: readonly Terms[];
  /** Ids of the scans that a union decided. */
  readonly #decided = new Set<string>();

  /** `homes` are the districts of the members, in the order of their keys, `outlets` those of the devices. */
  constructor(now: number, homes: readonly District[], outlets: District[], terms: Terms[]) {
    this.now = now;
    this.homes = homes.map((at) => [{ from: 0, at }]);
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
    if (this.#admissionLeft(ask.benefit) < ask.quantity) return 'partner_cap_reached';
    const place = this.#place(ask, this.now);
    if (place === null) return 'quota_exhausted';
    this.uses.push(useOf(ask, { ...place, funding: this.#termsOf(ask.benefit).funding }));
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
    const topped = this.toppedUp.get(pool) ?? 0;
    const base = this.used(pool) - this.usedOfTopUp(pool) + this.leased(pool);
    if (topped > cap || base > cap - topped) return false;
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
      const own = lease ? lease.units - lease.used : 0;
      const held = this.#unspent(benefit);
      const half = Math.floor((this.left(`${benefit}/shared`) + held) / 2);
      const more = Math.max(Math.min(policy.units - own, half - held), 0);
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
    const booked: Use[] = [];
    for (;;) {
      const seq = its.judgedSeq + 1;
      const scan = its.kept.get(seq);
      if (!scan) break;
      const use = this.#judge(device, its, seq, scan);
      if (use) booked.push(use);
      its.judgedSeq = seq;
      judged.push(seq);
    }
    this.#settle(booked);
    return judged;
  }

  /** What a union says about a doubtful scan stands for good. */
  decide(device: number, seq: number, decision: Decision): string {
    const its = this.devices[device];
    const [scan, standing] = [its?.kept.get(seq), its?.judged.get(seq)];
    if (!scan || !standing || ['accepted', 'invalid'].includes(standing.verdict))
      return 'already_decided';
    if (standing.decision !== null)
      return standing.decision === decision ? 'replayed' : 'already_decided';
    if (standing.verdict === 'needs_review') {
      if (decision === 'pay') {
        const refused = this.#taken(scan);
        if (refused === 'exists_with_different_content') return refused;
        if (refused === null) this.#book(device, scan, standing.reason);
      }
    } else if (decision === 'reject' && standing.use !== null) this.reverse(standing.use);
    standing.decision = decision;
    this.#decided.add(scan.id);
    return 'decided';
  }

  /** Units that redemptions hold of a pool itself; those on leases are `leased`. */
  used(pool: string): number {
    return unitsOf(this.uses.filter((use) => use.pool === pool && isCounted(use)));
  }

  leased(pool: string): number {
    return this.leases
      .filter((lease) => `${lease.benefit}/shared` === pool)
      .reduce((sum, lease) => sum + (this.#isOut(lease) ? lease.units : lease.used), 0);
  }

  usedOfTopUp(pool: string): number {
    const standing = this.uses.filter((use) => use.pool === pool && isCounted(use));
    return unitsOf(standing.filter(({ isTopped }) => isTopped));
  }

  /** Of the pool's own places, or of its top-up: a use takes from one of them. */
  left(pool: string, isTopped = false): number {
    const topped = this.toppedUp.get(pool) ?? 0;
    const used = this.usedOfTopUp(pool);
    if (isTopped) return topped - used;
    return (this.caps.get(pool) ?? 0) - topped - (this.used(pool) - used) - this.leased(pool);
  }

  move(member: number, at: District): void {
    this.homes[member]?.push({ from: this.now, at });
  }

  /** Uses that count of the partner's admission: of whatever pool or lease. */
  admittedUses(benefit: number): number {
    return unitsOf(
      this.uses.filter(
        (use) => use.benefit === benefit && use.variance === null && !use.isReversed,
      ),
    );
  }

  #admissionLeft(benefit: number): number {
    return this.#termsOf(benefit).admitted - this.admittedUses(benefit);
  }

  /** Unused units in all devices' hands. */
  #unspent(benefit: number): number {
    return this.leases
      .filter((lease) => lease.benefit === benefit && this.#isOut(lease))
      .reduce((sum, lease) => sum + lease.units - lease.used, 0);
  }

  /** What each account has got or given, in fen, by whose it is. */
  balances(): Map<string, number> {
    const sums = new Map<string, number>();
    const add = (whose: string, fen: number) => sums.set(whose, (sums.get(whose) ?? 0) + fen);
    for (const use of this.uses) {
      if (use.isReversed) continue;
      for (const { payer, fen } of this.#legs(use)) {
        add(payer, -fen);
        add('partner', fen);
      }
    }
    return sums;
  }

  /** The use that the scan is, or is one too many as; null where it is none. */
  #judge(device: number, its: Device, seq: number, scan: Scan): Use | null {
    const outcome = this.#refusal(scan, scan.at) ?? this.#held(device, its, scan);
    const taken = this.uses.find(({ id }) => id === scan.id) ?? null;
    const use = outcome === null ? this.#book(device, scan) : taken;
    const isOwn = use !== null && outcome !== 'exists_with_different_content';
    const judged = judgedBy(outcome ?? use?.variance ?? 'accepted');
    its.judged.set(seq, { ...judged, use: isOwn ? use : null, decision: null });
    return isOwn ? use : null;
  }

  /** What a device may not decide by itself. */
  #held(device: number, its: Device, { member, benefit, quantity, at }: Scan): string | null {
    const { policy, priceFen } = this.#termsOf(benefit);
    if (its.isRevoked) return 'device_revoked';
    if (quantity * priceFen > policy.valueMaxFen) return 'value_too_high';
    const given = this.uses.filter(
      (use) =>
        use.device === device &&
        use.member === member &&
        use.benefit === benefit &&
        dayOf(use.at) === dayOf(at) &&
        !use.isReversed,
    );
    return unitsOf(given) + quantity > policy.cardUsesADay ? 'card_uses_a_day' : null;
  }

  /** It has happened: from its lease, or from the pools, or as one too many; `held` is why a union had to say so. */
  #book(device: number, scan: Scan, held: string | null = null): Use {
    const shared = `${scan.benefit}/shared`;
    const noMore = this.#admissionLeft(scan.benefit) < scan.quantity ? 'partner_cap_reached' : null;
    const tooMany = held ?? this.#tooMany(scan, this.uses) ?? noMore;
    const lease = this.#leaseFor(device, scan);
    const fromPools = lease === null && tooMany === null;
    const place = fromPools ? this.#place(scan, scan.at) : { pool: shared, isTopped: false };
    const variance = tooMany ?? (place === null ? 'quota_exhausted' : null);
    const spent = lease === null ? undefined : this.leases[lease];
    if (spent) spent.used += scan.quantity;
    const bearer = this.#bearerOf(scan);
    const { funding } = this.#termsOf(scan.benefit);
    const use = useOf(scan, { device, lease, pool: shared, ...place, variance, funding });
    // What a union decided to pay is never the partner's.
    if (variance !== null) use.bearer = held !== null && bearer === 'partner' ? 'union' : bearer;
    this.uses.push(use);
    return use;
  }

  /**
   * Of each of these members' offline uses of that benefit, from the days of these on, the earlier ones stand; those
   * answered online and the undone ones stay what they are.
   */
  #settle(booked: Use[]): void {
    const pairs = Map.groupBy(booked, ({ member, benefit }) => `${member}/${benefit}`);
    const concerned = [...pairs.values()].flatMap((pair) => {
      const { period } = this.#termsOf(pair[0]?.benefit ?? 0);
      const from = periodOf(period, Math.min(...pair.map(({ at }) => at)) - passMs);
      return this.uses.filter(
        (use) =>
          use.member === pair[0]?.member &&
          use.benefit === pair[0].benefit &&
          use.device !== null &&
          !use.isReversed &&
          !this.#decided.has(use.id) &&
          periodOf(period, use.at) >= from,
      );
    });
    const verdicts = new Map(concerned.map((use) => [use, use.variance]));
    // What is let go here is free for the next upload, not for this one.
    const admitted = new Map(this.terms.map((_, i) => [i, this.#admissionLeft(i)]));
    // All of them are taken away, and come back one by one.
    for (const use of concerned) use.variance = 'unsettled';
    for (const use of concerned.sort(inOrder)) {
      const before = verdicts.get(use) ?? null;
      const noPlace = use.lease === null && this.left(use.pool, use.isTopped) < use.quantity;
      const left = admitted.get(use.benefit) ?? 0;
      const noMore = before !== null && left < use.quantity ? 'partner_cap_reached' : null;
      use.variance =
        this.#tooMany(use, this.uses) ?? noMore ?? (noPlace ? 'quota_exhausted' : null);
      if (use.variance === before) continue;
      // Whatever changes is borne by who the policy, or the rule, names now.
      use.bearer = use.variance === null ? null : this.#bearerOf(use);
      use.funding = this.#termsOf(use.benefit).funding;
      if (use.variance === null) admitted.set(use.benefit, left - use.quantity);
    }
    for (const { judged } of this.devices)
      for (const standing of judged.values()) {
        const { use } = standing;
        if (use === null || verdicts.get(use) === undefined) continue;
        if (verdicts.get(use) !== use.variance)
          Object.assign(standing, judgedBy(use.variance ?? 'accepted'));
      }
  }

  /** Why it does not count at all, by how things stood at an instant. */
  #refusal(ask: Ask, standing: number): string | null {
    const { benefit, quantity } = ask;
    const taken = this.#taken(ask);
    if (taken !== null) return taken;
    if (this.#isPaused(benefit, standing)) return 'benefit_paused';
    return quantity > this.#termsOf(benefit).quantityMax ? 'quantity_too_large' : null;
  }

  /** What is said to an id that is there already. */
  #taken({ id, member, benefit, quantity, at, outlet }: Ask): string | null {
    const taken = this.uses.find((use) => use.id === id);
    if (!taken) return null;
    const isSame =
      taken.member === member &&
      taken.benefit === benefit &&
      taken.quantity === quantity &&
      taken.outlet === outlet &&
      minuteOf(taken.at) === minuteOf(at);
    return isSame ? (taken.variance ?? 'replayed') : 'exists_with_different_content';
  }

  /** Why it is one too many beside these. */
  #tooMany(ask: Ask, others: Use[]): string | null {
    const own = others.filter(
      (use) => use.member === ask.member && use.benefit === ask.benefit && use.variance === null,
    );
    if (own.some((use) => minuteOf(use.at) === minuteOf(ask.at))) return 'pass_already_used';
    const { limit, period } = this.#termsOf(ask.benefit);
    const same = (use: Use) => periodOf(period, use.at) === periodOf(period, ask.at);
    return unitsOf(own.filter((use) => same(use) && !use.isReversed)) + ask.quantity > limit
      ? 'limit_reached'
      : null;
  }

  /** Home first, its top-up last, then the shared ones: of the district where he was at home at that time. */
  #place(
    { member, benefit, quantity }: Ask,
    at: number,
  ): { pool: string; isTopped: boolean } | null {
    const home = this.homes[member]?.findLast(({ from }) => from <= at)?.at ?? '';
    const places = [
      { pool: `${benefit}/${home}`, isTopped: false },
      { pool: `${benefit}/${home}`, isTopped: true },
      { pool: `${benefit}/shared`, isTopped: false },
    ];
    return places.find(({ pool, isTopped }) => this.left(pool, isTopped) >= quantity) ?? null;
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

  /** Who bears which part; the partner's headquarters are in the host district. */
  #legs({ benefit, quantity, pool, bearer, outlet, isTopped, funding }: Use) {
    const { priceFen } = this.#termsOf(benefit);
    const fen = priceFen * quantity;
    const owner = pool.split('/')[1]?.replace('shared', 'city') ?? '';
    if (bearer !== null) {
      const payer = { union: 'city', district: outlet, partner: null }[bearer];
      return payer === null ? [] : [{ payer, fen }];
    }
    if (isTopped || funding === null) return [{ payer: owner, fen }];
    const payers = {
      ...{ owner, city: 'city', home: owner, host: outlet, headquarters: 'host' },
      ...{ enterprise: 'enterprise', discount: 'partner', co_payment: 'members' },
    };
    return divide(funding, priceFen, quantity).map((part, i) => ({
      payer: payers[funding[i]?.payer ?? 'owner'],
      fen: part,
    }));
  }

  #bearerOf({ benefit }: Ask): Bearer {
    return this.#termsOf(benefit).policy.variancePayer;
  }

  #termsOf(benefit: number): Terms {
    const terms = this.terms[benefit];
    if (!terms) throw new RangeError('No such benefit.');
    return terms;
  }
}

function useOf(ask: Ask, rest: Partial<Use> & { pool: string }): Use {
  const { id, member, benefit, quantity, at, outlet } = ask;
  return {
    ...{ id, member, benefit, quantity, at, outlet },
    ...{ device: null, lease: null, variance: null, bearer: null, isReversed: false },
    ...{ isTopped: false, funding: null },
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
    case 'partner_cap_reached':
    case 'quota_exhausted':
      return { verdict: 'over_limit', reason: outcome };
    case 'exists_with_different_content':
      return { verdict: 'invalid', reason: outcome };
    default:
      return { verdict: 'needs_review', reason: outcome };
  }
}

const inOrder = (a: Use, b: Use) =>
  a.member - b.member || a.benefit - b.benefit || a.at - b.at || (a.id < b.id ? -1 : 1);
/** Against a pool itself: what is on a lease is counted with the lease. */
const isCounted = ({ lease, variance, isReversed }: Use) =>
  lease === null && variance === null && !isReversed;
const unitsOf = (uses: Use[]) => uses.reduce((sum, use) => sum + use.quantity, 0);
const minuteOf = (at: number) => Math.floor(at / minuteMs);
/** Beijing's midnight is at 16:00 UTC. */
const dayOf = (at: number) => Math.floor((at + 8 * hourMs) / dayMs);
/** A number for the period of an instant; weeks begin on Monday, and the first of January 1970 was a Thursday. */
const periodOf = (period: Period, at: number) =>
  ({ day: dayOf(at), week: Math.floor((dayOf(at) + 3) / 7), total: 0 })[period];
