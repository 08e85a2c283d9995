import { m } from '#lib/paraglide/messages.js';
import type { Kind } from './types.ts';

/** What a claim of a kind is called, and the word on its button. */
export const labels = {
  drop: { title: m.own_title_drop, action: m.own_do_drop },
  draw: { title: m.own_title_draw, action: m.own_do_draw },
  slot: { title: m.own_title_slot, action: m.own_do_slot },
  sign_up: { title: m.own_title_sign_up, action: m.own_do_sign_up },
  room: { title: m.own_title_room, action: m.own_do_room },
  offer: { title: m.own_title_offer, action: m.own_do_offer },
} satisfies Record<Kind, { title: () => string; action: () => string }>;
