import type { Reason } from '../../../../api/errors.ts';
import { minuteOfDay, weekdayOf } from './day.ts';
import type { Pass } from './pass.ts';
import { unitsOf, usesOn } from './spend.ts';
import type { BriefBenefit, Entry, Lease, Seen } from './store.ts';

/** Why a benefit cannot be given without a network, beyond the reasons that hold with one. */
export type OfflineOnly =
  | 'offline_not_allowed'
  | 'lease_none'
  | 'lease_expired'
  | 'lease_spent'
  | 'card_uses_a_day'
  | 'value_too_high';

export type OfflineOffer = {
  benefit: BriefBenefit;
  /** Which lease it would be taken from. */
  lease: number;
  /** How many at once, by everything this phone knows. */
  most: number;
  left: number;
  reason: Reason | OfflineOnly | null;
  /** When this very pass was used here. */
  usedAt: number | null;
};

export type Known = {
  benefits: readonly BriefBenefit[];
  leases: readonly Lease[];
  /** Scans whose units the server has not counted yet. */
  open: readonly Entry[];
  /** What this phone has seen of the card. */
  seen: readonly Seen[];
};

/** All benefits of the outlet for one card at an instant, each with its reason where it cannot be given. */
export function offersFor(pass: Pass, known: Known, now: number): OfflineOffer[] {
  return known.benefits.map((benefit) => {
    const lease = known.leases.find((one) => one.benefit === benefit.id);
    const used = known.seen.find((one) => one.benefit === benefit.id && one.jti === pass.jti);
    const left = lease === undefined ? 0 : leftOf(lease, known.open);
    const uses = usesOn(
      known.seen.filter((one) => one.benefit === benefit.id),
      now,
    );
    const cardLeft = (benefit.offline?.cardUsesADay ?? 0) - uses;
    const affordable = affordableUnits(benefit);
    const reason =
      timeRefusal(benefit, now) ??
      (benefit.offline === null ? 'offline_not_allowed' : null) ??
      (used === undefined ? null : 'pass_already_used') ??
      (cardLeft < 1 ? 'card_uses_a_day' : null) ??
      (affordable < 1 ? 'value_too_high' : null) ??
      (lease === undefined ? 'lease_none' : null) ??
      (lease !== undefined && Date.parse(lease.expiresAt) <= now ? 'lease_expired' : null) ??
      (left < 1 ? 'lease_spent' : null);
    return {
      benefit,
      lease: lease?.id ?? 0,
      most: Math.max(0, Math.min(benefit.quantityMax, left, cardLeft, affordable)),
      left,
      reason,
      usedAt: used?.at ?? null,
    };
  });
}

/** Units of a lease that are still in this phone's hands. */
export function leftOf(lease: Lease, open: readonly Entry[]): number {
  return lease.units - lease.used - unitsOf(open.filter((entry) => entry.open === lease.id));
}

function affordableUnits({ offline, priceFen }: BriefBenefit): number {
  if (offline === null) return 0;
  return priceFen === 0 ? Infinity : Math.floor(offline.valueMaxFen / priceFen);
}

function timeRefusal(benefit: BriefBenefit, now: number): Reason | null {
  const minute = minuteOfDay(now);
  if (now < Date.parse(benefit.startsAt)) return 'benefit_not_started';
  if (now >= Date.parse(benefit.endsAt)) return 'benefit_ended';
  if (!benefit.weekdays.includes(weekdayOf(now))) return 'benefit_not_today';
  const isOpen = benefit.opensMinute <= minute && minute < benefit.closesMinute;
  return isOpen ? null : 'benefit_not_at_this_hour';
}
