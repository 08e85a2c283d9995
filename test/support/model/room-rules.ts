import type { ClaimState } from '../../../db/schema/claims.ts';

export const minuteMs = 60_000;
export const dayMs = 1440 * minuteMs;
const shanghaiMs = 480 * minuteMs;

export const bounds = {
  ...{ opensMinute: 540, closesMinute: 840, limit: 2, cancelMinutes: 1440, doorMinutes: 60 },
  ...{ peopleMax: 20, minutesMin: 60, minutesMax: 120, minutesAWeek: 240, daysAhead: 3 },
  ...{ lateCancelWeight: 3, noShowWeight: 1 },
};

/** Of each member; 0 is the one of the home district. */
export const companies = [0, 0, 0, 1];

export type PoolName = 'home' | 'shared';
export type RoomClaim = {
  id: string;
  member: number;
  /** That he was of when he asked; the hours are its. */
  company: number;
  startsAt: number;
  endsAt: number;
  people: number;
  state: ClaimState;
  pool: PoolName;
  /** Others may have that time. */
  isFree: boolean;
};
type Ask = Pick<RoomClaim, 'id' | 'member' | 'startsAt' | 'endsAt' | 'people'>;

const placed: ClaimState[] = ['asked', 'confirmed'];
const counted: ClaimState[] = [...placed, 'used', 'no_show'];
/** In these a time is its company's, unless it was given back. */
const kept: ClaimState[] = [...counted, 'lapsed'];

/** The first instant of the day in Shanghai. */
export const dayBegin = (at: number) => at - ((at + shanghaiMs) % dayMs);
/** Weeks since one that began on a Monday; the epoch was a Thursday. */
const weekOf = (at: number) => Math.floor((Math.floor((at + shanghaiMs) / dayMs) + 3) / 7);

/** How one shared room should go, as a person would say it: sums over all there is, no counter. */
export class RoomRules {
  now: number;
  readonly opensAt: number;
  readonly needsApproval: boolean;
  readonly caps: Record<PoolName, number>;
  /** By member; null: he left. */
  readonly companies: (number | null)[];
  /** Weights of marks that stand, by member. */
  readonly marks: number[];
  readonly claims: RoomClaim[] = [];

  constructor(
    now: number,
    opensAt: number,
    needsApproval: boolean,
    caps: Record<PoolName, number>,
    companies: number[],
  ) {
    this.now = now;
    this.opensAt = opensAt;
    this.needsApproval = needsApproval;
    this.caps = caps;
    this.companies = [...companies];
    this.marks = companies.map(() => 0);
  }

  ask(asked: Ask): string {
    const { member, startsAt, endsAt, people } = asked;
    const company = this.companies[member] ?? null;
    const day = dayBegin(startsAt);
    const minutes = (endsAt - startsAt) / minuteMs;
    const opening = day + bounds.opensMinute * minuteMs;
    const closing = day + bounds.closesMinute * minuteMs;
    if (company === null) return 'member_left';
    if (startsAt < opening || startsAt >= closing) return 'benefit_not_at_this_hour';
    if (this.now < this.opensAt + this.#delay(member)) return 'claims_not_open';
    if (
      startsAt <= this.now ||
      startsAt > this.now + bounds.daysAhead * dayMs ||
      minutes < bounds.minutesMin ||
      minutes > bounds.minutesMax ||
      endsAt > closing
    )
      return 'room_time_impossible';
    if (people > bounds.peopleMax) return 'room_too_small';
    const that = this.claims.filter((c) => weekOf(c.startsAt) === weekOf(startsAt));
    const own = that.filter((c) => c.member === member && counted.includes(c.state));
    if (own.length >= bounds.limit) return 'limit_reached';
    if (minutes > bounds.minutesAWeek - this.#minutesOf(company, that)) return 'room_hours_used';
    if (this.claims.some((c) => !c.isFree && c.startsAt < endsAt && startsAt < c.endsAt))
      return 'room_taken';
    const pools: PoolName[] = company === 0 ? ['home', 'shared'] : ['shared'];
    const pool = pools.find((name) => this.#left(name) > 0);
    if (!pool) return 'quota_exhausted';
    const state = this.needsApproval ? 'asked' : 'confirmed';
    this.claims.push({ ...asked, company, pool, state, isFree: false });
    return state;
  }

  again(c: RoomClaim, isOther: boolean): string {
    if (this.companies[c.member] === null) return 'member_left';
    return isOther ? 'exists_with_different_content' : 'replayed';
  }

  decide(c: RoomClaim, isYes: boolean): string {
    const decided = isYes ? 'confirmed' : 'refused';
    if (c.state !== 'asked') return c.state === decided ? 'replayed' : 'claim_ended';
    if (!isYes) this.#end(c, 'refused');
    else if (c.endsAt <= this.now) return 'claim_ended';
    else c.state = 'confirmed';
    return 'decided';
  }

  cancel(c: RoomClaim): string {
    if (c.state === 'cancelled') return 'replayed';
    if (c.state === 'used') return 'claim_used';
    if (!placed.includes(c.state)) return 'claim_ended';
    if (c.startsAt <= this.now) return 'session_over';
    if (c.state === 'confirmed' && c.startsAt < this.now + bounds.cancelMinutes * minuteMs)
      this.#mark(c.member, bounds.lateCancelWeight);
    this.#end(c, 'cancelled');
    return 'cancelled';
  }

  attend(c: RoomClaim): string {
    if (c.state === 'used') return 'replayed';
    if (c.state !== 'confirmed') return 'claim_ended';
    if (!this.#isAtDoor(c)) return 'claim_not_now';
    c.state = 'used';
    return 'attended';
  }

  absent(c: RoomClaim): string {
    if (c.state === 'confirmed') return 'replayed';
    if (c.state !== 'used') return 'claim_ended';
    if (this.#isFinished(c)) return 'claim_not_now';
    c.state = 'confirmed';
    return 'absent';
  }

  miss(c: RoomClaim): string {
    if (c.state === 'no_show') return 'replayed';
    if (c.state !== 'confirmed') return 'claim_ended';
    if (this.now < c.endsAt || !this.#isAtDoor(c)) return 'claim_not_now';
    this.#end(c, 'no_show');
    this.#mark(c.member, bounds.noShowWeight);
    return 'missed';
  }

  leave(member: number): void {
    this.companies[member] = null;
    for (const c of this.claims)
      if (c.member === member && placed.includes(c.state)) this.#end(c, 'cancelled');
  }

  transfer(member: number): void {
    const company = this.companies[member] ?? null;
    if (company !== null) this.companies[member] = 1 - company;
  }

  /** Three days after its end nobody can say any more who came. */
  finish(): void {
    for (const c of this.claims)
      if (placed.includes(c.state) && this.#isFinished(c)) this.#end(c, 'lapsed');
  }

  #minutesOf(company: number, claims: RoomClaim[]): number {
    return claims
      .filter((c) => c.company === company && !c.isFree && kept.includes(c.state))
      .reduce((sum, { startsAt, endsAt }) => sum + (endsAt - startsAt) / minuteMs, 0);
  }

  #left(pool: PoolName): number {
    const taken = this.claims.filter(
      (c) => c.pool === pool && (placed.includes(c.state) || c.state === 'used'),
    );
    return this.caps[pool] - taken.length;
  }

  #isFinished({ endsAt }: RoomClaim): boolean {
    return endsAt + 3 * dayMs <= this.now;
  }

  #isAtDoor(c: RoomClaim): boolean {
    return this.now >= c.startsAt - bounds.doorMinutes * minuteMs && !this.#isFinished(c);
  }

  /** What was his until it was over stays his, whatever is said of it later. */
  #end(c: RoomClaim, state: ClaimState): void {
    c.isFree = !(c.state === 'confirmed' && c.endsAt <= this.now);
    c.state = state;
  }

  #mark(member: number, weight: number): void {
    this.marks[member] = (this.marks[member] ?? 0) + weight;
  }

  #delay(member: number): number {
    return ([0, 10, 60][this.marks[member] ?? 0] ?? 1440) * minuteMs;
  }
}
