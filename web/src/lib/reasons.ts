import type { Reason } from '../../../api/errors.ts';
import { limitInWords } from './benefits/limits.ts';
import { inWords } from './errors.ts';
import { when } from './format.ts';
import { m } from '#lib/paraglide/messages.js';
import { Problem } from './problem.ts';
import { said } from './said.ts';

const titles = {
  exists_with_different_content: m.reason_exists_with_different_content,
  session_revoked: m.reason_session_revoked,
  operator_suspended: m.reason_operator_suspended,
  outlet_closed: m.reason_outlet_closed,
  card_unknown: m.reason_card_unknown,
  card_replaced: m.reason_card_replaced,
  card_lost: m.reason_card_lost,
  card_blocked: m.reason_card_blocked,
  member_left: m.reason_member_left,
  scan_expired: m.reason_scan_expired,
  key_revoked: m.reason_key_revoked,
  pass_not_yet_valid: m.reason_pass_not_yet_valid,
  pass_expired: m.reason_pass_expired,
  benefit_unknown: m.reason_benefit_unknown,
  benefit_paused: m.reason_benefit_paused,
  benefit_not_started: m.reason_benefit_not_started,
  benefit_ended: m.reason_benefit_ended,
  benefit_not_today: m.reason_benefit_not_today,
  benefit_not_at_this_hour: m.reason_benefit_not_at_this_hour,
  partner_paused: m.reason_partner_paused,
  partner_not_admitted: m.reason_partner_not_admitted,
  district_not_valid: m.reason_district_not_valid,
  claim_needed: m.reason_claim_needed,
  claim_not_here: m.reason_claim_not_here,
  claim_not_now: m.reason_claim_not_now,
  audience_district: m.reason_audience_district,
  audience_union: m.reason_audience_union,
  audience_age: m.reason_audience_age,
  audience_tag: m.reason_audience_tag,
  no_allocation: m.reason_no_allocation,
  quantity_too_large: m.reason_quantity_too_large,
  pass_already_used: m.reason_pass_already_used,
  limit_reached: m.reason_limit_reached,
  category_limit_reached: m.reason_category_limit_reached,
  partner_day_cap_reached: m.reason_partner_day_cap_reached,
  partner_cap_reached: m.reason_partner_cap_reached,
  quota_exhausted: m.reason_quota_exhausted,
} satisfies Record<Reason, () => string>;

/** The facts that come with a reason; which of them are there depends on the reason. */
export type ReasonDetail = {
  at?: string | null | undefined;
  again?: string | null | undefined;
  outletZh?: string | undefined;
  outletEn?: string | undefined;
  districtZh?: string | undefined;
  districtEn?: string | undefined;
  limit?: Parameters<typeof limitInWords>[0] | undefined;
};

export type Explanation = { title: string; text: string };

/** What is in the way, what is allowed, and where it happened before or when it is over. */
export function explain(reason: Reason, detail: ReasonDetail | null | undefined): Explanation {
  const facts = [
    detail?.limit === undefined ? '' : limitInWords(detail.limit),
    where(reason, detail ?? {}),
    again(reason, detail ?? {}),
  ];
  return { title: titles[reason](), text: facts.filter((fact) => fact !== '').join(' · ') };
}

export function isReason(code: string): code is Reason {
  return Object.hasOwn(titles, code);
}

export function explainProblem(thrown: unknown): Explanation {
  if (thrown instanceof Problem && isReason(thrown.code)) {
    return explain(thrown.code, thrown.facts as ReasonDetail);
  }
  return { title: inWords(thrown), text: '' };
}

function where(reason: Reason, detail: ReasonDetail): string {
  const { at, outletZh, outletEn, districtZh, districtEn } = detail;
  if (at == null) return '';
  const time = when(at, 'moment');
  if (reason === 'card_replaced') return m.reason_replaced_at({ time });
  if (outletZh === undefined || outletEn === undefined) return '';
  const place = {
    time,
    outlet: said({ outletZh, outletEn }, 'outlet'),
    district: said({ districtZh: districtZh ?? '', districtEn: districtEn ?? '' }, 'district'),
  };
  return reason === 'limit_reached' || reason === 'category_limit_reached'
    ? m.reason_limit_last(place)
    : m.reason_pass_already_used_where(place);
}

function again(reason: Reason, detail: ReasonDetail): string {
  // A used pass stays used; the next code is a minute away, which the advice beside it says.
  if (reason === 'pass_already_used' || detail.again === undefined) return '';
  if (detail.again === null) return m.reason_never_again();
  const time = when(detail.again, 'moment');
  const isByUse = reason === 'limit_reached' || reason === 'category_limit_reached';
  return isByUse ? m.reason_again({ time }) : m.reason_from({ time });
}
