import { when } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import type { InboxItem, State } from './types.ts';
import { nameOf } from './words.ts';

type Words = (given: { what: string }) => string;

const words: Record<State, Words> = {
  entered: m.own_told_entered,
  asked: m.own_told_asked,
  held: m.own_told_held,
  waiting: m.own_told_waiting,
  offered: m.own_told_offered,
  confirmed: m.own_told_confirmed,
  used: m.own_told_used,
  no_show: m.own_told_no_show,
  cancelled: m.own_told_cancelled,
  expired: m.own_told_expired,
  lapsed: m.own_told_lapsed,
  lost: m.own_told_lost,
  refused: m.own_told_refused,
};

// The same state after another one is other news.
const after: Partial<Record<State, Partial<Record<State, Words>>>> = {
  waiting: { entered: m.own_told_waiting_after_draw },
  held: { entered: m.own_told_held_after_draw },
  confirmed: {
    entered: m.own_told_confirmed_after_draw,
    asked: m.own_told_confirmed_after_asked,
    used: m.own_told_confirmed_after_used,
    confirmed: m.own_told_moved,
  },
  lapsed: { offered: m.own_told_lapsed_offer },
};

/** 排到您了：家庭摄影 12月6日 10:00，请在 11:20 前确认。 */
export function tellOf({ before, state, reason, claim }: InboxItem): string {
  const what = nameOf(claim);
  const said = (before !== null ? after[state]?.[before] : undefined) ?? words[state];
  const isToAnswer = claim.state === state && claim.canConfirm && claim.answerBy !== null;
  return [
    said({ what }),
    ...(isToAnswer ? [m.own_told_answer({ time: when(claim.answerBy ?? '', 'moment') })] : []),
    ...(reason === null ? [] : [m.own_reason({ reason })]),
  ].join(m.own_told_between());
}
