import { count, when } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { countsPersons } from './persons.ts';
import type { Kind } from './types.ts';

/** How something is claimed, as the member's page, the desk and its form have it. Instants are ISO 8601. */
export type Rules = {
  kind: Kind;
  /** From when he may claim; null for a drop without a wave. */
  opensAt: string | null;
  closesAt: string;
  holdMinutes: number | null;
  cancelMinutes: number;
  hasWaitList: boolean;
  answerMinutes: number;
  needsApproval: boolean;
  lateCancelWeight: number;
  noShowWeight: number;
  quantityMax: number;
  /** The next wave of a drop. */
  wave: { opensAt: string; entrySeconds: number } | null;
};

const windows = {
  draw: [m.claims_rule_draw_ahead, m.claims_rule_draw_open],
  slot: [m.claims_rule_slot_ahead, m.claims_rule_slot_open],
  sign_up: [m.claims_rule_sign_up_ahead, m.claims_rule_sign_up_open],
  room: [m.claims_rule_room_ahead, m.claims_rule_room_open],
  offer: [m.claims_rule_offer_ahead, m.claims_rule_offer_open],
} as const;

/** The rules in a few sentences, said before one commits oneself: when, how many, what is held, what a change of mind costs. */
export function rulesSentence(rules: Rules, now: number): string {
  const said = [opening(rules, now)];
  if (Date.parse(rules.closesAt) <= now) return said.join('');
  if (rules.quantityMax > 1) {
    const most = countsPersons(rules.kind) ? m.claims_rule_people : m.claims_rule_quantity;
    said.push(most({ count: count(rules.quantityMax) }));
  }
  if (rules.needsApproval) said.push(m.claims_rule_approval());
  if (rules.holdMinutes !== null)
    said.push(m.claims_rule_hold({ time: durationInWords(rules.holdMinutes) }));
  if (rules.kind !== 'offer') said.push(...changing(rules));
  if (rules.hasWaitList)
    said.push(m.claims_rule_wait({ time: durationInWords(rules.answerMinutes) }));
  return said.join(getLocale() === 'en' ? ' ' : '');
}

/** 90 → 90 分钟, 120 → 2 小时, 2880 → 2 天. */
export function durationInWords(minutes: number): string {
  if (minutes > 0 && minutes % 1440 === 0)
    return m.claims_rule_days({ count: count(minutes / 1440) });
  return minutes > 0 && minutes % 60 === 0
    ? m.claims_rule_hours({ count: count(minutes / 60) })
    : m.claims_rule_minutes({ count: count(minutes) });
}

function opening({ kind, opensAt, closesAt, wave }: Rules, now: number): string {
  const until = when(closesAt, 'moment');
  if (Date.parse(closesAt) <= now) return m.claims_rule_over({ until });
  if (kind !== 'drop') {
    const [ahead, open] = windows[kind];
    return opensAt !== null && Date.parse(opensAt) > now
      ? ahead({ from: when(opensAt, 'moment'), until })
      : open({ until });
  }
  if (wave !== null && (opensAt === null || Date.parse(opensAt) > now)) {
    const time = when(wave.opensAt, 'moment');
    return wave.entrySeconds > 0
      ? m.claims_rule_drop({ time, seconds: count(wave.entrySeconds) })
      : m.claims_rule_drop_first({ time });
  }
  return opensAt === null ? m.claims_rule_drop_soon() : m.claims_rule_drop_open({ until });
}

function changing({ cancelMinutes, lateCancelWeight, noShowWeight }: Rules): string[] {
  const isLateMarked = lateCancelWeight > 0 && cancelMinutes > 0;
  const said = [
    isLateMarked
      ? m.claims_rule_cancel_until({ time: durationInWords(cancelMinutes) })
      : m.claims_rule_cancel(),
  ];
  if (isLateMarked && noShowWeight > 0) said.push(m.claims_rule_late_no_show());
  else if (isLateMarked) said.push(m.claims_rule_late());
  else if (noShowWeight > 0) said.push(m.claims_rule_no_show());
  return said;
}
