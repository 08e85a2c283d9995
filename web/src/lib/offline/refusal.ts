import { count, when } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { explain, explainProblem, isReason, type Explanation } from '#lib/reasons.ts';
import { Problem } from '#lib/problem.ts';
import { adviceFor, type Refusal, type RefusedBenefit } from '#lib/scan/refusal.ts';
import { momentWords } from './ago.ts';
import type { Fault } from './check.ts';
import type { OfflineOffer, OfflineOnly } from './offers.ts';
import type { Spent } from './spend.ts';
import type { DeviceOutlet } from './store.ts';
import { said } from '#lib/said.ts';

const titles: Record<OfflineOnly, () => string> = {
  offline_not_allowed: m.offline_not_allowed,
  lease_none: m.offline_lease_none,
  lease_expired: m.offline_lease_expired,
  lease_spent: m.offline_lease_spent,
  card_uses_a_day: m.offline_card_uses,
  value_too_high: m.offline_value_too_high,
};

// Of several benefits that are all refused, the one that was closest to being given explains most.
const closest: readonly NonNullable<OfflineOffer['reason']>[] = [
  'pass_already_used',
  'card_uses_a_day',
  'lease_spent',
  'lease_expired',
  'lease_none',
  'value_too_high',
  'benefit_not_at_this_hour',
  'benefit_not_today',
];

const bare = { about: null, text: '', advice: '', offers: [] } as const;

/** What stands in the way of the whole card. */
export function faultRefusal(fault: Fault): Refusal {
  switch (fault.code) {
    case 'pass_invalid':
    case 'pass_of_another_city': {
      const advice = adviceFor(fault.code);
      return { tone: 'warning', ...bare, ...explainProblem(new Problem(fault.code, 422)), advice };
    }
    case 'pass_not_yet_valid':
    case 'pass_expired':
      return {
        tone: 'warning',
        ...bare,
        title: explain(fault.code, null).title,
        text: m.offline_clocks({
          shown: momentWords(fault.from, fault.now),
          here: momentWords(fault.now, fault.from),
        }),
        advice: [adviceFor(fault.code), clockWords(fault.offsetMs)].join(' ').trim(),
      };
    case 'card_stopped':
      return {
        tone: 'error',
        ...bare,
        title: m.offline_card_stopped(),
        text: m.offline_card_stopped_text({ time: when(fault.listAt, 'moment') }),
        advice: m.offline_card_stopped_advice(),
      };
    case 'pass_printed':
      return { tone: 'warning', ...bare, title: m.mine_printed_offline(), advice: online() };
    case 'pass_key_unknown':
      return { tone: 'warning', ...bare, title: m.offline_key_unknown(), advice: online() };
    case 'clock_moved':
      return {
        tone: 'error',
        ...bare,
        title: m.offline_clock_moved(),
        advice: m.offline_clock_moved_text(),
      };
    case 'offline_not_ready':
      return { tone: 'error', ...bare, title: m.offline_not_ready(), advice: online() };
  }
}

/** The card is good, and nothing here may be given to it now. */
export function offersRefusal(offers: readonly OfflineOffer[], now: number): Refusal {
  const rank = ({ reason }: OfflineOffer): number => {
    const index = reason === null ? -1 : closest.indexOf(reason);
    return index === -1 ? closest.length : index;
  };
  const [about, ...others] = [...offers].sort((a, b) => rank(a) - rank(b));
  if (about === undefined || about.reason === null) {
    return { tone: 'error', ...bare, title: m.scan_no_benefits() };
  }
  return {
    tone: 'error',
    about: about.benefit,
    ...whyNot(about, now),
    advice: isReason(about.reason) ? adviceFor(about.reason) : online(),
    offers: refusedOffline(others, now),
  };
}

export function refusedOffline(offers: readonly OfflineOffer[], now: number): RefusedBenefit[] {
  return offers.flatMap((offer) => {
    const { id, titleZh, titleEn } = offer.benefit;
    return offer.reason === null ? [] : [{ id, titleZh, titleEn, why: whyNot(offer, now) }];
  });
}

/** Between the check and the storing another tab was faster. */
export function spentRefusal(
  spent: Exclude<Spent, { outcome: 'stored' }>,
  offer: OfflineOffer,
  now: number,
): Refusal {
  if (spent.outcome === 'device_gone') return faultRefusal({ code: 'offline_not_ready' });
  const usedAt = spent.outcome === 'pass_already_used' ? spent.at : null;
  return offersRefusal([{ ...offer, reason: spent.outcome, usedAt }], now);
}

/** Somebody confirms what was scanned long ago. */
export function lateRefusal(): Refusal {
  const advice = adviceFor('scan_expired');
  return { tone: 'warning', ...bare, ...explain('scan_expired', null), advice };
}

export function revokedRefusal(): Refusal {
  return { tone: 'error', ...bare, title: m.offline_revoked(), advice: online() };
}

export function typedRefusal(): Refusal {
  return { tone: 'warning', ...bare, title: m.offline_typed(), advice: m.offline_typed_text() };
}

export function outletRefusal(outlet: DeviceOutlet): Refusal {
  const name = said(outlet, 'name');
  return { tone: 'error', ...bare, title: m.offline_other_outlet({ name }), advice: online() };
}

/** How far this phone's clock was from the server's; empty when it hardly was. */
export function clockWords(offsetMs: number): string {
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  if (seconds < 5) return '';
  const amount = durationWords(seconds);
  return offsetMs < 0 ? m.offline_clock_ahead({ amount }) : m.offline_clock_behind({ amount });
}

/** In the largest unit of which there are at least two. */
function durationWords(seconds: number): string {
  const say = (unit: number): { count: string } => ({ count: count(Math.round(seconds / unit)) });
  if (seconds >= 2 * 86_400) return m.offline_days(say(86_400));
  if (seconds >= 2 * 3600) return m.offline_hours(say(3600));
  return seconds >= 120 ? m.offline_minutes(say(60)) : m.offline_seconds(say(1));
}

function whyNot({ reason, usedAt }: OfflineOffer, now: number): Explanation {
  if (reason === null) return { title: '', text: '' };
  const at = usedAt === null ? '' : when(usedAt, usedAt > now - dayMs ? 'clock' : 'moment');
  const text = at === '' ? '' : m.offline_used_here({ time: at });
  return { title: isReason(reason) ? explain(reason, null).title : titles[reason](), text };
}

const dayMs = 24 * 60 * 60 * 1000;

function online(): string {
  return m.offline_advice_network();
}
