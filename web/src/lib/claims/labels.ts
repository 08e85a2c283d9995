import { m } from '#lib/paraglide/messages.js';
import type { Kind } from './types.ts';

/** What a claim of a kind is called, the word on its button, and on the one for another. */
export const labels = {
  drop: { title: m.own_title_drop, action: m.own_do_drop, again: m.own_again_drop },
  draw: { title: m.own_title_draw, action: m.own_do_draw, again: m.own_again_slot },
  slot: { title: m.own_title_slot, action: m.own_do_slot, again: m.own_again_slot },
  sign_up: { title: m.own_title_sign_up, action: m.own_do_sign_up, again: m.own_again_sign_up },
  room: { title: m.own_title_room, action: m.own_do_room, again: m.own_again_slot },
  offer: { title: m.own_title_offer, action: m.own_do_offer, again: m.own_again_offer },
} satisfies Record<Kind, { title: () => string; action: () => string; again: () => string }>;
