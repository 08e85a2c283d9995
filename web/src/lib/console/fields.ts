import { minuteInWords, weekdaysInWords } from '#lib/benefits/hours.ts';
import { kindNames } from '#lib/benefits/kind-names.ts';
import { kindWords, stateWords } from '#lib/claims/desk/words.ts';
import { durationInWords } from '#lib/claims/rules.ts';
import { count, when, yuan } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { fundingInWords, isFunding, stageNames } from '#lib/budgets/funding-words.ts';
import { reasonWords } from '#lib/offline/reason-words.ts';
import { proposalNames, roleNames, stateNames } from '#lib/people/words.ts';
import { verdictNames } from '#lib/reviews/words.ts';
import { asPlace, said } from '#lib/said.ts';
import { audienceInWords, districtNames } from './audience.ts';
import { isOfflineTerms, offlineInWords } from './offline-terms.ts';
import type { AuditEntry, Named, NewTerms } from './types.ts';

/** What the ids in an entry are called. */
export type Known = {
  unions: readonly Named[];
  partners: readonly (Named & { outlets?: readonly Named[] })[];
};

type Value = NonNullable<NonNullable<AuditEntry['after']>[string]>;
type Field = {
  label: () => string;
  say?: (value: Value, known: Known) => string;
  /** What the lack of a value means, where it means something. */
  none?: () => string;
};

const number = (value: Value): string => count(Number(value));
const money = (value: Value): string => yuan(Number(value));
const minute = (value: Value): string => minuteInWords(Number(value));
const yesOrNo = (value: Value): string =>
  value === true ? m.people_field_yes() : m.people_field_no();
const moment = (value: Value): string => when(String(value), 'entry');
const ids = (value: Value): number[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'number') : [];
const oneOf =
  (words: Record<string, () => string>) =>
  (value: Value): string =>
    words[String(value)]?.() ?? String(value);

const duration = (value: Value): string => durationInWords(Number(value));
const isClaimKind = (value: Value): value is keyof typeof kindWords =>
  typeof value === 'string' && Object.hasOwn(kindWords, value);
const claimState = (value: Value): string =>
  typeof value === 'string' && Object.hasOwn(stateWords, value)
    ? stateWords[value as keyof typeof stateWords].word()
    : String(value);

const terms = {
  kind: { label: m.benefit_kind, say: oneOf(kindNames) },
  titleZh: { label: m.console_title_zh },
  titleEn: { label: m.console_title_en },
  summaryZh: { label: m.console_summary_zh },
  summaryEn: { label: m.console_summary_en },
  priceFen: { label: m.console_field_price, say: money },
  faceValueFen: { label: m.console_field_face_value, say: money },
  startsAt: { label: m.console_first_day, say: (value) => when(String(value), 'date') },
  // The end is the first moment that is too late; people say the last day.
  endsAt: {
    label: m.console_last_day,
    say: (value) => when(Date.parse(String(value)) - 1, 'date'),
  },
  weekdays: { label: m.console_weekdays, say: (value) => weekdaysInWords(ids(value)) },
  opensMinute: { label: m.console_field_opens, say: minute },
  closesMinute: { label: m.console_field_closes, say: minute },
  audience: {
    label: m.console_audience,
    say: (value, { unions }) =>
      typeof value === 'object' && !Array.isArray(value) && !isOfflineTerms(value)
        ? audienceInWords(value, unions)
        : '',
  },
  validDistricts: {
    label: m.console_valid_districts,
    say: (value, { unions }) => districtNames(ids(value), unions),
    none: m.console_valid_everywhere,
  },
  quantityMax: { label: m.console_quantity_max, say: number },
  limitCount: { label: m.console_limit_count, say: number },
  limitPeriod: {
    label: m.console_limit_period,
    say: oneOf({
      day: m.console_period_day,
      week: m.console_period_week,
      month: m.console_period_month,
      total: m.console_period_total,
      rolling: m.budgets_rolling,
    }),
  },
  limitDays: { label: m.budgets_field_limit_days, say: number },
  limitFamily: { label: m.budgets_field_limit_family, say: yesOrNo },
  printedLimit: { label: m.budgets_printed_limit, say: number },
  quotaPeriod: {
    label: m.budgets_quota_period,
    say: oneOf({ month: m.budgets_quota_month, total: m.budgets_quota_total }),
  },
  funding: {
    label: m.budgets_funding,
    say: (value) => (isFunding(value) ? fundingInWords(value) : ''),
    none: m.budgets_funding_none,
  },
  stage: { label: m.budgets_stage, say: oneOf(stageNames) },
  cap: { label: m.console_field_cap, say: number, none: m.console_cap_none },
  offline: {
    label: m.console_offline,
    say: (value) => (isOfflineTerms(value) ? offlineInWords(value) : ''),
    none: m.console_offline_none,
  },
} satisfies Record<Exclude<keyof NewTerms, 'reason'>, Field>;

const fields: Record<string, Field> = {
  ...terms,
  districtId: {
    label: m.console_pool,
    say: (value, { unions }) => asPlace(nameOf(value, unions)),
    none: m.console_shared,
  },
  commitment: { label: m.draws_desk_publish_commitment },
  numberZh: { label: m.draws_number_zh },
  neverWon: { label: m.draws_never_won, say: number },
  tickets: { label: m.draws_field_tickets },
  number: { label: m.draws_desk_number_field },
  listHash: { label: m.draws_desk_publish_list },
  partnerId: { label: m.console_partner, say: (value, { partners }) => nameOf(value, partners) },
  state: {
    label: m.console_state,
    say: oneOf({
      testing: m.partners_state_testing,
      live: m.partners_state_live,
      paused: m.partners_state_paused,
      ended: m.partners_state_ended,
      submitted: m.partners_submitted,
      asked: m.partners_asked,
      accepted: m.partners_accepted,
      declined: m.partners_declined,
      closing: m.console_field_closing,
      closed: m.console_field_closed,
      upheld: m.clearing_dispute_upheld,
      dismissed: m.clearing_dispute_dismissed,
      ...stateNames,
    }),
  },
  capADay: { label: m.partners_cap_a_day, say: number, none: m.console_cap_none },
  isOfflineAllowed: {
    label: m.partners_offline,
    say: (value) => (value === true ? m.partners_yes() : m.partners_no()),
  },
  outletIds: {
    label: m.partners_outlets,
    say: (value, { partners }) =>
      ids(value)
        .map((id) =>
          nameOf(
            id,
            partners.flatMap(({ outlets = [] }) => outlets),
          ),
        )
        .join(' · '),
    none: m.partners_all,
  },
  isClosed: {
    label: m.partners_closed,
    say: (value) => (value === true ? m.partners_yes() : m.partners_no()),
  },
  addressZh: { label: m.partners_address_zh },
  addressEn: { label: m.partners_address_en },
  hours: { label: m.partners_hours },
  nameZh: { label: m.partners_name_zh },
  outletId: {
    label: m.console_outlet,
    say: (value, { partners }) =>
      nameOf(
        value,
        partners.flatMap(({ outlets = [] }) => outlets),
      ),
  },
  name: { label: m.console_field_device_name },
  verdict: { label: m.review_verdict, say: oneOf(verdictNames) },
  reason: { label: m.review_because, say: (value) => reasonWords(String(value)) },
  decision: {
    label: m.review_decision,
    say: oneOf({ pay: m.review_decided_pay, reject: m.review_decided_reject }),
  },
  invitedBy: { label: m.console_field_invited_by },
  revokedAt: { label: m.console_field_revoked_at, say: moment },
  pausedAt: { label: m.console_field_paused_at, say: moment },
  pauseReason: { label: m.console_paused_because },
  expiresAt: { label: m.mine_field_expires, say: moment },
  suspendedAt: { label: m.console_field_suspended_at, say: moment },
  closedAt: { label: m.console_field_closed_at, say: moment },
  status: {
    label: m.console_state,
    say: oneOf({ live: m.console_card_live, blocked: m.console_card_blocked }),
  },
  role: {
    label: m.console_field_role,
    say: oneOf(roleNames),
  },
  isSuspended: { label: m.people_field_suspended, say: yesOrNo },
  twoPersonFen: { label: m.people_field_two_person, say: money },
  amountFen: { label: m.people_field_amount, say: money },
  nameEn: { label: m.people_field_name_en },
  action: { label: m.console_audit_action, say: oneOf(proposalNames) },
  userId: { label: m.console_field_user_id },
  heldBy: {
    label: m.budgets_field_held,
    // Those below do not list the unions above them.
    say: (value, { unions }) => findName(value, unions) ?? m.budgets_held_above(),
    none: m.budgets_held_none,
  },
  pools: { label: m.budgets_field_pools, say: number },
  topped: { label: m.budgets_field_topped, say: number },
  units: { label: m.budgets_field_units, say: number },
  returnsAt: { label: m.budgets_field_returns, say: (value) => when(String(value), 'date') },
  from: {
    label: m.budgets_from,
    say: (value, { unions }) => asPlace(nameOf(value, unions)),
    none: m.console_shared,
  },
  to: {
    label: m.budgets_to,
    say: (value, { unions }) => asPlace(nameOf(value, unions)),
    none: m.console_shared,
  },
  year: { label: m.budgets_field_year },
  month: { label: m.budgets_field_month },
  alertPercents: {
    label: m.budgets_field_alerts,
    say: (value) =>
      ids(value)
        .map((one) => `${String(one)}%`)
        .join(' · '),
  },
  markKind: {
    label: m.door_field_mark,
    say: oneOf({ late_cancel: m.door_mark_late_cancel, no_show: m.door_mark_no_show }),
  },
  markWeight: { label: m.door_field_weight, say: number },
  members: { label: m.console_field_members, say: number },
  known: { label: m.console_field_known, say: number },
  enterprises: { label: m.console_field_enterprises, say: number },
  officer: { label: m.console_field_officer },
  deputy: { label: m.console_field_deputy },
  isMember: { label: m.console_field_is_member, say: yesOrNo },
  transfer: { label: m.console_field_transfer },
  by: {
    label: m.console_field_decided_by,
    say: oneOf({
      member: m.console_field_by_member,
      union: m.console_field_by_union,
      silence: m.console_field_by_silence,
    }),
  },
  subject: { label: m.console_field_subject },
  subjectId: { label: m.console_field_subject_id },
  unionId: { label: m.console_field_union, say: (value, { unions }) => nameOf(value, unions) },
  parentId: { label: m.console_field_parent, say: (value, { unions }) => nameOf(value, unions) },
  redemption: { label: m.clearing_redemption },
  dispute: { label: m.console_field_dispute },
  claimedFen: { label: m.console_field_claimed, say: money },
  correctedFen: { label: m.console_field_corrected, say: money },
  returnedFen: { label: m.clearing_returned, say: money },
  statements: { label: m.console_field_statements, say: number },
  hash: { label: m.console_field_hash },
  rows: { label: m.people_field_rows, say: number },
  districts: { label: m.people_field_districts, say: number },
  invoiceNumber: { label: m.clearing_invoice },
  payableFen: { label: m.clearing_payable, say: money },
  bankReference: { label: m.clearing_bank_reference },
  paidOn: { label: m.clearing_paid_on },
  claimKind: {
    label: m.claims_desk_kind,
    say: (value) => (isClaimKind(value) ? kindWords[value].name() : String(value)),
  },
  opensAt: { label: m.claims_desk_opens, say: moment },
  closesAt: { label: m.claims_desk_closes, say: moment },
  holdMinutes: { label: m.claims_desk_hold, say: duration, none: m.claims_desk_hold_none },
  cancelMinutes: { label: m.claims_desk_cancel, say: duration },
  hasWaitList: { label: m.claims_desk_wait, say: yesOrNo },
  answerMinutes: { label: m.claims_desk_answer, say: duration },
  needsApproval: { label: m.claims_desk_approval, say: yesOrNo },
  doorMinutes: { label: m.claims_desk_door, say: duration },
  walkIns: { label: m.claims_desk_walk_ins, say: yesOrNo },
  questions: { label: m.claims_field_questions },
  lateCancelWeight: { label: m.claims_desk_late, say: number },
  noShowWeight: { label: m.claims_desk_no_show, say: number },
  sessions: { label: m.claims_field_sessions, say: (value) => ids(value).join(' · ') },
  claims: { label: m.claims_field_claims, say: number },
  claimState: { label: m.claims_field_state, say: claimState },
  placeZh: { label: m.offers_desk_field_place_zh },
  placeEn: { label: m.offers_desk_field_place_en },
  peopleMax: { label: m.offers_desk_field_people, say: number },
  minutesMin: { label: m.rooms_desk_min, say: number },
  minutesMax: { label: m.rooms_desk_max, say: number },
  minutesAWeek: { label: m.rooms_desk_week, say: number },
  daysAhead: { label: m.rooms_desk_days, say: number },
  codes: { label: m.offers_desk_field_codes, say: number },
};

/** What a field of the data is called on the screens. */
export const fieldInWords = (name: string): string | undefined => fields[name]?.label();

/** A field's value as it would be read out; nothing where there is none. */
export function valueInWords(
  name: string,
  value: Value | null | undefined,
  known: Known,
): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return fields[name]?.none?.();
  const say = fields[name]?.say;
  if (say !== undefined) return say(value, known);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function findName(id: Value, named: readonly Named[]): string | undefined {
  const found = named.find((one) => one.id === id);
  return found && said(found, 'name');
}

const nameOf = (id: Value, named: readonly Named[]): string =>
  findName(id, named) ?? `#${String(id)}`;
