import { createHash } from 'node:crypto';
import type { ClaimKind } from '../../../db/schema/benefits.ts';
import type { ClaimState } from '../../../db/schema/claims.ts';

const minuteMs = 60_000;
export const limit = 3;
export const quantityMax = 2;
export const answerMinutes = 10;
export const cancelMinutes = 60;
const doorMinutes = 60;

export type Kind = Exclude<ClaimKind, 'room'>;
export type Terms = {
  kind: Kind;
  holdMinutes: number | null;
  needsApproval: boolean;
  hasWaitList: boolean;
  opensAt: number;
  closesAt: number;
  entrySeconds: number;
};
export type Session = {
  cap: number;
  startsAt: number | null;
  endsAt: number | null;
  isCancelled: boolean;
};
export type Wave = { opensAt: number; units: number[]; isOpen: boolean };
export type PoolName = 'home' | 'shared';
export type Claim = {
  id: string;
  member: number;
  session: number | null;
  quantity: number;
  state: ClaimState;
  used: number;
  pool: PoolName | null;
  isHome: boolean;
  at: number;
  turn: number;
  answerBy: number | null;
  /** What was used in part, and the rest of it given back. */
  isFinished: boolean;
};
type Ask = {
  id: string;
  member: number;
  session: number | null;
  quantity: number;
  waits: boolean;
};

const placed: ClaimState[] = ['asked', 'held', 'offered', 'confirmed'];
const seated: ClaimState[] = [...placed, 'used', 'no_show'];
const counted: ClaimState[] = ['entered', 'asked', 'held', 'confirmed', 'used', 'no_show'];
const open: ClaimState[] = ['entered', 'waiting', ...placed];

/** How claims of one benefit should go, one at a time, as a person would say it: sums over all there is, no counter. */
export class Rules {
  now: number;
  readonly terms: Terms;
  readonly sessions: Session[];
  readonly waves: Wave[];
  readonly caps: Record<PoolName, number>;
  readonly claims: Claim[] = [];
  readonly isHome: boolean[];
  readonly left: boolean[];
  /** Weights of marks that stand, by member. */
  readonly marks: number[][];
  isEnded = false;
  #turn = 0;

  constructor(
    now: number,
    terms: Terms,
    sessions: Session[],
    waves: Wave[],
    caps: Record<PoolName, number>,
    isHome: boolean[],
  ) {
    this.now = now;
    this.terms = terms;
    this.sessions = sessions;
    this.waves = waves;
    this.caps = { ...caps };
    this.isHome = [...isHome];
    this.left = isHome.map(() => false);
    this.marks = isHome.map(() => []);
  }

  session(of: number | null): Session | undefined {
    return of === null ? undefined : this.sessions[of];
  }

  seatsLeft(of: number | null): number {
    const session = this.session(of);
    if (!session) return Infinity;
    return session.cap - this.#units((c) => c.session === of && seated.includes(c.state));
  }

  poolLeft(pool: PoolName): number {
    const held = this.#units((c) => c.pool === pool && placed.includes(c.state));
    const used = this.claims
      .filter((c) => c.pool === pool && c.state === 'used')
      .reduce((sum, c) => sum + c.used, 0);
    return this.caps[pool] - held - used;
  }

  claim({ id, member, session, quantity, waits }: Ask): string {
    const { terms, now } = this;
    const at = this.session(session);
    const opens =
      terms.kind === 'drop' ? Math.min(...this.waves.map((wave) => wave.opensAt)) : terms.opensAt;
    if (this.left[member]) return 'member_left';
    if (this.isEnded) return 'benefit_ended';
    if (quantity > (terms.kind === 'draw' ? 1 : quantityMax)) return 'quantity_too_large';
    if (at?.isCancelled) return 'session_cancelled';
    if (at && at.startsAt !== null && at.startsAt <= now) return 'session_over';
    if (now < opens + this.#delay(member)) return 'claims_not_open';
    if (now >= terms.closesAt) return 'claims_closed';
    if (this.#counted(member) + quantity > limit) return 'limit_reached';
    const made: Claim = {
      ...{ id, member, session, quantity, used: 0, pool: null, answerBy: null, isFinished: false },
      ...{ isHome: this.isHome[member] === true, at: at?.startsAt ?? now, state: 'entered' },
      turn: this.#turn++,
    };
    const isEntry =
      terms.kind === 'draw' ||
      (terms.kind === 'drop' && this.waves.some((w) => !w.isOpen && w.opensAt <= now));
    if (isEntry) {
      this.claims.push(made);
      return 'entered';
    }
    const pool = this.#pool(made);
    if (this.seatsLeft(session) >= quantity && pool) {
      this.#place(made, pool);
      this.claims.push(made);
      return made.state;
    }
    if (waits && terms.hasWaitList) {
      if (
        this.claims.some(
          (c) =>
            c.member === member &&
            c.session === session &&
            (c.state === 'waiting' || c.state === 'offered'),
        )
      )
        return 'already_waiting';
      made.state = 'waiting';
      this.claims.push(made);
      return 'waiting';
    }
    return this.seatsLeft(session) < quantity ? 'session_full' : 'quota_exhausted';
  }

  confirm(c: Claim): string {
    if (c.state === 'confirmed' || c.state === 'asked' || c.state === 'used') return 'replayed';
    if (c.state === 'expired' || c.state === 'lapsed') return 'claim_expired';
    if (c.state !== 'held' && c.state !== 'offered') return 'claim_ended';
    if (c.state === 'offered' && this.#counted(c.member) + c.quantity > limit)
      return 'limit_reached';
    c.state = c.state === 'offered' && this.terms.needsApproval ? 'asked' : 'confirmed';
    c.answerBy = null;
    return 'confirmed';
  }

  cancel(c: Claim): string {
    const startsAt = this.session(c.session)?.startsAt ?? null;
    if (c.state === 'cancelled') return 'replayed';
    if (c.used > 0) return 'claim_used';
    if (!open.includes(c.state)) return 'claim_ended';
    if (startsAt !== null && startsAt <= this.now) return 'session_over';
    if (
      c.state === 'confirmed' &&
      startsAt !== null &&
      startsAt < this.now + cancelMinutes * minuteMs
    )
      this.marks[c.member]?.push(1);
    this.#end(c, 'cancelled');
    this.#offer();
    return 'cancelled';
  }

  move(c: Claim, to: number): string {
    const from = this.session(c.session);
    const target = this.session(to);
    if (!['asked', 'held', 'confirmed'].includes(c.state) || c.used > 0) return 'claim_ended';
    if (to === c.session) return 'replayed';
    if (!from || !target || from.startsAt === null || target.startsAt === null)
      return 'session_unknown';
    if (from.startsAt <= this.now) return 'session_over';
    if (from.startsAt < this.now + cancelMinutes * minuteMs) return 'claim_move_too_late';
    if (this.terms.kind === 'draw') return 'session_unknown';
    if (target.isCancelled) return 'session_cancelled';
    if (target.startsAt <= this.now) return 'session_over';
    if (this.isEnded) return 'benefit_ended';
    if (this.seatsLeft(to) < c.quantity) return 'session_full';
    c.session = to;
    c.at = target.startsAt;
    if (c.answerBy !== null) c.answerBy = Math.min(c.answerBy, target.startsAt);
    this.#offer();
    return 'moved';
  }

  decide(c: Claim, isYes: boolean): string {
    const decided = isYes ? 'confirmed' : 'refused';
    if (c.state !== 'asked') return c.state === decided ? 'replayed' : 'claim_ended';
    if (isYes && (this.session(c.session)?.endsAt ?? Infinity) <= this.now) return 'claim_ended';
    if (isYes) c.state = 'confirmed';
    else {
      this.#end(c, 'refused');
      this.#offer();
    }
    return 'decided';
  }

  resize(of: number, cap: number): boolean {
    const session = this.session(of);
    if (!session || session.cap - this.seatsLeft(of) > cap) return false;
    session.cap = cap;
    this.#offer();
    return true;
  }

  setPool(pool: PoolName, cap: number): boolean {
    if (this.caps[pool] - this.poolLeft(pool) > cap) return false;
    this.caps[pool] = cap;
    this.#offer();
    return true;
  }

  callOff(of: number): boolean {
    const session = this.session(of);
    if (!session || session.isCancelled) return false;
    if (session.startsAt !== null && session.startsAt <= this.now) return false;
    session.isCancelled = true;
    for (const c of this.claims)
      if (c.session === of && open.includes(c.state) && c.used === 0) this.#end(c, 'cancelled');
    this.#offer();
    return true;
  }

  leave(member: number): void {
    this.left[member] = true;
    for (const c of this.claims)
      if (c.member === member && open.includes(c.state))
        this.#end(c, c.used > 0 ? 'used' : 'cancelled');
    this.#offer();
  }

  /** The benefit is over at once. */
  end(): void {
    this.isEnded = true;
    for (const c of this.claims) {
      const startsAt = this.session(c.session)?.startsAt ?? null;
      if (!open.includes(c.state) || (startsAt !== null && startsAt <= this.now)) continue;
      const after: Partial<Record<ClaimState, ClaimState>> = { entered: 'lost', held: 'expired' };
      this.#end(c, c.used > 0 ? 'used' : (after[c.state] ?? 'lapsed'));
    }
  }

  /** A card is shown; answers the outcome, and whose claim it used up. */
  redeem(member: number): { outcome: string; claim?: Claim } {
    if (this.left[member]) return { outcome: 'member_left' };
    if (this.isEnded) return { outcome: 'benefit_ended' };
    const isNow = (c: Claim) => {
      const { startsAt = null, endsAt = null } = this.session(c.session) ?? {};
      return (
        startsAt === null ||
        endsAt === null ||
        (this.now >= startsAt - doorMinutes * minuteMs && this.now < endsAt)
      );
    };
    const [claim] = this.claims
      .filter((c) => c.member === member && c.state === 'confirmed')
      .sort((a, b) => Number(isNow(b)) - Number(isNow(a)) || a.at - b.at || (a.id < b.id ? -1 : 1));
    if (!claim) return { outcome: 'claim_needed' };
    if (!isNow(claim)) return { outcome: 'claim_not_now' };
    claim.used++;
    if (claim.used === claim.quantity) claim.state = 'used';
    return { outcome: 'accepted', claim };
  }

  /** One use is undone. */
  reverse(c: Claim): void {
    c.used--;
    if (!c.isFinished) c.state = 'confirmed';
    else if (c.used === 0) c.state = 'lapsed';
  }

  /** What nobody waits for: waves, holds, sessions that are over. `order` is that of a draw's entries, by id. */
  upkeep(seeds: Map<number, string>, order: string[] | null): void {
    for (const [i, wave] of this.waves.entries()) {
      if (wave.isOpen || wave.opensAt + this.terms.entrySeconds * 1000 > this.now) continue;
      for (const [of, units] of wave.units.entries()) {
        const session = this.session(of);
        if (session && !session.isCancelled) session.cap += units;
      }
      this.#offer();
      const seed = seeds.get(i) ?? '';
      const lot = (c: Claim) => createHash('sha256').update(`${seed}${c.id}`).digest('hex');
      const entered = this.claims.filter(({ state }) => state === 'entered');
      this.#give(entered.sort((a, b) => (lot(a) < lot(b) ? -1 : 1)));
      wave.isOpen = true;
    }
    if (order) {
      const entered = this.claims.filter(({ state }) => state === 'entered');
      this.#give(entered.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id)));
    }
    const due = this.claims.filter((c) => c.answerBy !== null && c.answerBy <= this.now);
    for (const c of due) this.#end(c, c.state === 'held' ? 'expired' : 'lapsed');
    if (due.length > 0) this.#offer();
    for (const [of, { endsAt, isCancelled }] of this.sessions.entries()) {
      if (endsAt === null || isCancelled || endsAt + 120 * minuteMs > this.now) continue;
      const all = this.claims.filter((c) => c.session === of);
      const isRecorded = all.some(({ used }) => used > 0) && !this.isEnded;
      for (const c of all.filter(({ state }) => open.includes(state))) {
        if (c.state === 'entered') this.#end(c, 'lost');
        else if (c.state === 'held') this.#end(c, 'expired');
        else if (c.state !== 'confirmed') this.#end(c, 'lapsed');
        else if (c.used > 0) this.#end(c, 'used');
        else if (isRecorded) {
          this.#end(c, 'no_show');
          this.marks[c.member]?.push(1);
        } else this.#end(c, 'lapsed');
      }
      this.#offer();
    }
  }

  #give(entries: Claim[]): void {
    const turns = entries.map(({ turn }) => turn).sort((a, b) => a - b);
    const live = [...this.sessions.keys()].filter((of) => !this.sessions[of]?.isCancelled);
    for (const [i, c] of entries.entries()) {
      c.turn = turns[i] ?? 0;
      const seat =
        c.session ??
        (this.sessions.length > 0 ? (live.find((of) => this.seatsLeft(of) > 0) ?? -1) : null);
      const pool = this.#pool(c);
      if (pool && seat !== -1 && this.seatsLeft(seat) >= c.quantity) {
        c.session = seat;
        this.#place(c, pool);
      } else c.state = this.terms.hasWaitList ? 'waiting' : 'lost';
    }
    this.#offer();
  }

  #offer(): void {
    for (;;) {
      const next = this.claims
        .filter((c) => c.state === 'waiting' && this.#counted(c.member) + c.quantity <= limit)
        .sort((a, b) => a.turn - b.turn)
        .map((c) => ({ c, seat: this.#seat(c), pool: this.#pool(c) }))
        .find(({ seat, pool }) => seat !== undefined && pool !== undefined);
      if (!next?.pool || next.seat === undefined) return;
      const { c, seat, pool } = next;
      const startsAt = this.session(seat)?.startsAt ?? Infinity;
      Object.assign(c, { state: 'offered', session: seat, pool });
      c.answerBy = Math.min(this.now + answerMinutes * minuteMs, startsAt);
    }
  }

  /** Where a waiting one could sit; undefined: nowhere. */
  #seat(c: Claim): number | null | undefined {
    if (this.sessions.length === 0) return null;
    return [...this.sessions.keys()].find((of) => {
      const { isCancelled = true, startsAt = null } = this.sessions[of] ?? {};
      return (
        (c.session === null || c.session === of) &&
        !isCancelled &&
        (startsAt === null || startsAt > this.now) &&
        this.seatsLeft(of) >= c.quantity
      );
    });
  }

  #pool({ isHome, quantity }: Claim): PoolName | undefined {
    if (isHome && this.poolLeft('home') >= quantity) return 'home';
    return this.poolLeft('shared') >= quantity ? 'shared' : undefined;
  }

  #place(c: Claim, pool: PoolName): void {
    const { needsApproval, holdMinutes } = this.terms;
    c.pool = pool;
    c.state = needsApproval ? 'asked' : holdMinutes === null ? 'confirmed' : 'held';
    if (c.state !== 'held') return;
    const startsAt = this.session(c.session)?.startsAt ?? Infinity;
    c.answerBy = Math.min(this.now + (holdMinutes ?? 0) * minuteMs, startsAt);
  }

  #end(c: Claim, state: ClaimState): void {
    c.state = state;
    c.answerBy = null;
    if (state === 'used') c.isFinished = true;
  }

  #delay(member: number): number {
    const weight = (this.marks[member] ?? []).reduce((sum, one) => sum + one, 0);
    return ([0, 10, 60][weight] ?? 1440) * minuteMs;
  }

  #counted(member: number): number {
    return this.#units((c) => c.member === member && counted.includes(c.state));
  }

  #units(which: (c: Claim) => boolean): number {
    return this.claims.filter(which).reduce((sum, { quantity }) => sum + quantity, 0);
  }
}
