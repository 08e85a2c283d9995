import { m } from '#lib/paraglide/messages.js';
import type { Tone } from '#lib/ui/tone.ts';
import type { Kind, OwnClaim, State } from './types.ts';

const names = {
  entered: m.own_state_entered,
  asked: m.own_state_asked,
  held: m.own_state_held,
  waiting: m.own_state_waiting,
  offered: m.own_state_offered,
  confirmed: m.own_state_confirmed,
  used: m.own_state_used,
  no_show: m.own_state_no_show,
  cancelled: m.own_state_cancelled,
  expired: m.own_state_expired,
  lapsed: m.own_state_lapsed,
  lost: m.own_state_lost,
  refused: m.own_state_refused,
} satisfies Record<State, () => string>;

export const stateInWords = (state: State): string => names[state]();

export const tones: Record<State, Tone> = {
  entered: 'info',
  asked: 'info',
  held: 'warning',
  waiting: 'info',
  offered: 'warning',
  confirmed: 'success',
  used: 'neutral',
  no_show: 'error',
  cancelled: 'neutral',
  expired: 'neutral',
  lapsed: 'neutral',
  lost: 'neutral',
  refused: 'error',
};

const coming: readonly State[] = ['asked', 'held', 'offered', 'confirmed'];
const waiting: readonly State[] = ['entered', 'waiting'];

/** Where it stands on its member's list. A confirmed one whose session is over was not used, and is over, too. */
export function partOf({ state, session }: OwnClaim, now: number): 'coming' | 'waiting' | 'over' {
  if (session?.endsAt != null && Date.parse(session.endsAt) <= now) return 'over';
  if (waiting.includes(state)) return 'waiting';
  return coming.includes(state) ? 'coming' : 'over';
}

export const isOpen = ({ state }: Pick<OwnClaim, 'state'>): boolean =>
  coming.includes(state) || waiting.includes(state);

export const kindNames = {
  drop: m.own_kind_drop,
  draw: m.own_kind_draw,
  slot: m.own_kind_slot,
  sign_up: m.own_kind_sign_up,
  room: m.own_kind_room,
  offer: m.own_kind_offer,
} satisfies Record<Kind, () => string>;
