import type { Reason } from '../../../../api/errors.ts';
import { m } from '#lib/paraglide/messages.js';
import { Problem } from '#lib/problem.ts';
import { claimWords } from '#lib/claims/refusal-words.ts';
import { explainClaim } from '#lib/claims/refusals.ts';
import { sessionInWords } from '#lib/door/session-words.ts';
import { explain, isReason, type Explanation } from '#lib/reasons.ts';
import type { Offer } from './answers.ts';
import type { Stranger } from './understand.ts';

export type Titled = { titleZh: string; titleEn: string };
export type RefusedBenefit = Titled & { id: number; why: Explanation };

/** What the whole screen says when a scan or a use is refused. */
export type Refusal = {
  /** `warning` where the member can put it right on the spot. */
  tone: 'warning' | 'error';
  /** The benefit it is about, where it is about one. */
  about: Titled | null;
  title: string;
  text: string;
  advice: string;
  /** What else is refused, each with its own reason. */
  offers: readonly RefusedBenefit[];
};

const advice: Partial<Record<Reason | 'pass_invalid' | 'pass_of_another_city', () => string>> = {
  card_unknown: m.scan_advice_open_card,
  card_replaced: m.scan_advice_other_phone,
  card_lost: m.scan_advice_lost,
  card_blocked: m.scan_advice_union,
  member_left: m.scan_advice_union,
  scan_expired: m.scan_advice_again,
  key_revoked: m.scan_advice_refresh,
  pass_not_yet_valid: m.scan_advice_clock,
  pass_expired: m.scan_advice_refresh,
  pass_invalid: m.scan_advice_open_card,
  pass_of_another_city: m.scan_advice_city,
  pass_already_used: m.scan_advice_used,
  operator_suspended: m.scan_advice_manager,
};

const fixable: readonly string[] = [
  'card_replaced',
  'scan_expired',
  'key_revoked',
  'pass_not_yet_valid',
  'pass_expired',
  'pass_invalid',
  'ticket_invalid',
  'quantity_too_large',
];

// Of several benefits that are all refused, the one that was closest to being used explains most.
const closest: readonly Reason[] = [
  'pass_already_used',
  'limit_reached',
  'category_limit_reached',
  'partner_day_cap_reached',
  'partner_cap_reached',
  'quota_exhausted',
  'benefit_not_at_this_hour',
  'benefit_not_today',
  'benefit_not_started',
  'benefit_paused',
  'partner_paused',
  'claim_not_now',
  'claim_not_here',
  'claim_needed',
];

/** It may be used, or its member let in without the claim that it takes. */
export const canGive = ({ reason, walkIn }: Offer): boolean => reason === null || walkIn !== null;

export function refusalOf(thrown: unknown): Refusal {
  const code = thrown instanceof Problem ? thrown.code : 'internal_error';
  return {
    tone: fixable.includes(code) ? 'warning' : 'error',
    about: null,
    ...explainClaim(thrown),
    advice: adviceFor(code),
    offers: [],
  };
}

/** The pass is good, and nothing here may be used with it now. */
export function nothingUsable(offers: readonly Offer[]): Refusal {
  const rank = ({ reason }: Offer): number => {
    const index = reason === null ? -1 : closest.indexOf(reason);
    return index === -1 ? closest.length : index;
  };
  const sorted = [...offers].sort((a, b) => rank(a) - rank(b));
  const [about, ...others] = sorted;
  if (about === undefined || about.reason === null) {
    const nothing = { about: null, text: '', advice: '', offers: [] };
    return { tone: 'error', title: m.scan_no_benefits(), ...nothing };
  }
  return {
    tone: 'error',
    about,
    ...whyNot(about, about.reason),
    advice: adviceFor(about.reason),
    offers: refusedOf(others),
  };
}

/** Those of several benefits that cannot be used, each with its own reason. */
export function refusedOf(offers: readonly Offer[]): RefusedBenefit[] {
  return offers.flatMap((offer) => {
    const { id, titleZh, titleEn, reason } = offer;
    return reason === null || canGive(offer)
      ? []
      : [{ id, titleZh, titleEn, why: whyNot(offer, reason) }];
  });
}

/** Where a claim is for another time or place, which one. */
function whyNot({ detail, session, ...benefit }: Offer, reason: Reason): Explanation {
  const why = explain(reason, detail);
  return session === null ? why : { ...why, text: sessionInWords(session, benefit) };
}

const strangers: Record<Stranger, () => string> = {
  payment: m.scan_stranger_payment,
  collection: m.scan_stranger_collection,
  wechat: m.scan_stranger_wechat,
  health: m.scan_stranger_health,
  transit: m.scan_stranger_transit,
  link: m.scan_stranger_link,
  text: m.scan_stranger_text,
};

export function strangerRefusal(what: Stranger): Refusal {
  return {
    tone: 'warning',
    about: null,
    title: strangers[what](),
    text: m.scan_stranger_needed(),
    advice: m.scan_advice_open_card(),
    offers: [],
  };
}

/** Whether the server decided about this id for good. Anything else keeps the id for another try. */
export function isDecided(problem: Problem): boolean {
  const isUndecided = problem.status === 0 || problem.status === 401 || problem.status === 429;
  const isOurs =
    isReason(problem.code) || problem.code in claimWords || decided.includes(problem.code);
  return !isUndecided && problem.status < 500 && isOurs;
}

const decided: readonly string[] = ['ticket_invalid', 'id_not_of_card', 'invalid_request'];

export function adviceFor(code: string): string {
  return advice[code as keyof typeof advice]?.() ?? '';
}
