import { count, percent, when } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { said } from '#lib/said.ts';
import type { Tone } from '#lib/ui/tone.ts';
import type { ClaimState, Desk, Kind } from './types.ts';

export const kindWords = {
  drop: { name: m.claims_desk_kind_drop, text: m.claims_desk_kind_drop_text },
  draw: { name: m.claims_desk_kind_draw, text: m.claims_desk_kind_draw_text },
  slot: { name: m.claims_desk_kind_slot, text: m.claims_desk_kind_slot_text },
  sign_up: { name: m.claims_desk_kind_sign_up, text: m.claims_desk_kind_sign_up_text },
  room: { name: m.claims_desk_kind_room, text: m.claims_desk_kind_room_text },
  offer: { name: m.claims_desk_kind_offer, text: m.claims_desk_kind_offer_text },
} satisfies Record<Kind, unknown>;

export const stateWords: Record<ClaimState, { tone: Tone; word: () => string }> = {
  entered: { tone: 'info', word: m.claims_desk_state_entered },
  asked: { tone: 'warning', word: m.claims_desk_state_asked },
  held: { tone: 'info', word: m.claims_desk_state_held },
  waiting: { tone: 'info', word: m.claims_desk_state_waiting },
  offered: { tone: 'info', word: m.claims_desk_state_offered },
  confirmed: { tone: 'success', word: m.claims_desk_state_confirmed },
  used: { tone: 'success', word: m.claims_desk_state_used },
  no_show: { tone: 'error', word: m.claims_desk_state_no_show },
  cancelled: { tone: 'neutral', word: m.claims_desk_state_cancelled },
  expired: { tone: 'neutral', word: m.claims_desk_state_expired },
  lapsed: { tone: 'neutral', word: m.claims_desk_state_lapsed },
  lost: { tone: 'neutral', word: m.claims_desk_state_lost },
  refused: { tone: 'neutral', word: m.claims_desk_state_refused },
};

export const missingWords: Record<Desk['missing'][number], () => string> = {
  sessions: m.claims_desk_missing_sessions,
  waves: m.claims_desk_missing_waves,
  commitment: m.claims_desk_missing_commitment,
  room: m.claims_desk_missing_room,
  partner: m.claims_desk_missing_partner,
  places: m.claims_desk_missing_places,
  window: m.claims_desk_missing_window,
};

const ofSessions = {
  title: m.claims_desk_sessions,
  none: m.claims_desk_sessions_none,
  one: m.claims_desk_session,
  any: m.claims_desk_any_session,
  add: m.claims_desk_session_add,
  hint: m.claims_desk_session_name_hint,
  units: m.claims_desk_cap,
  resize: m.claims_desk_resize,
  resizeOf: m.claims_desk_resize_of,
  callOff: m.claims_desk_call_off,
  callOffOf: m.claims_desk_call_off_of,
  callOffText: m.claims_desk_call_off_text,
  /** How far they are gone: seats fill, things are left. */
  gone: (taken: number, cap: number) => m.claims_desk_fill({ share: percent(taken, cap) }),
};

const ofThings = {
  units: m.claims_desk_things,
  resize: m.claims_desk_things_resize,
  resizeOf: m.claims_desk_things_resize_of,
  gone: (taken: number, cap: number) => m.claims_desk_things_left({ left: count(cap - taken) }),
};

type SessionWords = typeof ofSessions;

/** What a kind of claim calls its sessions: a draw's are prizes, an offer's are items. */
export const sessionWords: Record<Kind, SessionWords> = {
  drop: ofSessions,
  slot: ofSessions,
  sign_up: ofSessions,
  room: ofSessions,
  draw: {
    ...ofThings,
    title: m.claims_desk_prizes,
    none: m.claims_desk_prizes_none,
    one: m.claims_desk_prize,
    any: m.claims_desk_any_prize,
    add: m.claims_desk_prize_add,
    hint: m.claims_desk_prize_hint,
    callOff: m.claims_desk_prize_call_off,
    callOffOf: m.claims_desk_prize_call_off_of,
    callOffText: m.claims_desk_prize_call_off_text,
  },
  offer: {
    ...ofThings,
    title: m.claims_desk_items,
    none: m.claims_desk_items_none,
    one: m.claims_desk_item,
    any: m.claims_desk_any_item,
    add: m.claims_desk_item_add,
    hint: m.claims_desk_item_hint,
    callOff: m.claims_desk_item_call_off,
    callOffOf: m.claims_desk_item_call_off_of,
    callOffText: m.claims_desk_item_call_off_text,
  },
};

/** What the parts of a session are called in its sheet. */
export const sessionFields: Record<string, () => string> = {
  titleZh: m.claims_desk_session_zh,
  titleEn: m.claims_desk_session_en,
  placeZh: m.claims_desk_place_zh,
  placeEn: m.claims_desk_place_en,
  outlet: m.claims_desk_outlet,
  startsAt: m.claims_desk_times,
  endsAt: m.claims_desk_minutes,
  priceFen: m.claims_desk_price,
  cap: m.claims_desk_cap,
};

/** What is asked of a field, where its name alone does not say it. */
export const wrongSentences: Record<string, () => string> = {
  'sessions.startsAt': m.claims_desk_wrong_start,
  'sessions.priceFen': m.claims_desk_wrong_price,
  closesAt: m.claims_desk_wrong_closes,
};

/** What the parts of a wave are called, whose names are those of other forms, too. */
export const waveFields: Record<string, () => string> = {
  opensAt: m.claims_desk_wave_opens,
  units: m.claims_desk_wave_tickets,
};

/** What is asked of them. */
export const wrongInWave: Record<string, () => string> = {
  opensAt: m.claims_desk_wave_wrong_opens,
  units: m.claims_desk_wave_wrong_units,
  'units.units': m.claims_desk_wave_wrong_units,
};

type Named = { id: number; titleZh: string; titleEn: string; startsAt: string | null };

/** What tells a session from others: its name and its time, as far as it has them. */
export function sessionName(session: Named): string {
  const title = said(session, 'title');
  const time = session.startsAt === null ? '' : when(session.startsAt, 'moment');
  return [title, time].filter((part) => part !== '').join(' · ') || `#${String(session.id)}`;
}
