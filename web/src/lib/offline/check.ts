import { offersFor, type OfflineOffer } from './offers.ts';
import { openPass, untimely, type Pass, type PassFault } from './pass.ts';
import { openStatusList } from './status-list.ts';
import type { Clock, Store } from './store.ts';

/** What stands in the way of the whole card, with the times that explain it (epoch milliseconds). */
export type Fault =
  | { code: PassFault | 'offline_not_ready' | 'clock_moved' }
  | { code: 'pass_not_yet_valid' | 'pass_expired'; from: number; now: number; offsetMs: number }
  | { code: 'card_stopped'; listAt: number };

export type Checked = { isGood: false; fault: Fault } | { isGood: true; found: Found };

export type Found = {
  device: number;
  pass: Pass;
  address: string;
  offers: OfflineOffer[];
  scannedAt: number;
  offsetMs: number;
  listAt: number;
};

const backwardsMsMax = 5_000;
const passMs = 60_000;

/** Everything that a phone can find out about a pass without a network. Writes nothing. */
export async function check(
  store: Store,
  address: string,
  issuer: string,
  phoneNow: number,
): Promise<Checked> {
  const [device, clock, keys, briefing, status, head] = await Promise.all([
    store.get('device', 'this'),
    store.get('clock', 'this'),
    store.get('keys', 'this'),
    store.get('briefing', 'this'),
    store.get('status', 'this'),
    store.get('head', 'this'),
  ]);
  if (!device || device.revokedAt !== null || !clock || !keys || !briefing || !status) {
    return refuse({ code: 'offline_not_ready' });
  }
  const now = phoneNow + clock.offsetMs;
  if (isSetBack(now, clock, head?.at)) return refuse({ code: 'clock_moved' });
  const pass = await openPass(address, issuer, keys.content);
  if (typeof pass === 'string') return refuse({ code: pass });
  const late = untimely(pass, now);
  const from = pass.exp * 1000 - passMs;
  if (late !== null) return refuse({ code: late, from, now, offsetMs: clock.offsetMs });
  const list = await openStatusList(status.content, keys.content);
  if (list === null) return refuse({ code: 'offline_not_ready' });
  const listAt = status.checkedAt;
  if (list.cards.has(pass.card)) return refuse({ code: 'card_stopped', listAt });
  const [leases, open, seen] = await Promise.all([
    store.getAll('leases'),
    store.getAllFromIndex('log', 'open'),
    store.getAllFromIndex('seen', 'card', ofCard(pass.card)),
  ]);
  const { benefits } = briefing.content;
  const offers = offersFor(pass, { benefits, leases, open, seen }, now);
  const { offsetMs } = clock;
  const found = { device: device.id, pass, address, offers, scannedAt: now, offsetMs, listAt };
  return { isGood: true, found };
}

/** Time runs on: who sees it go back, behind what was learned or stored last, has had the clock of the phone set. */
export function isSetBack(now: number, { learnedAt }: Clock, storedAt = 0): boolean {
  return now < Math.max(learnedAt, storedAt) - backwardsMsMax;
}

/** Every entry of a card in the index over card and benefit: an array sorts after all numbers. */
function ofCard(card: number): IDBKeyRange {
  return IDBKeyRange.bound([card], [card, []]);
}

function refuse(fault: Fault): Checked {
  return { isGood: false, fault };
}
