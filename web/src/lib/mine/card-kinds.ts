import { m } from '#lib/paraglide/messages.js';

/** What showed a code: the member's own phone, a card on paper, or the phone of who acts for him. */
export const cardKinds: Record<'phone' | 'printed' | 'proxy', () => string> = {
  phone: m.mine_card_phone,
  printed: m.mine_card_printed,
  proxy: m.mine_card_proxy,
};
