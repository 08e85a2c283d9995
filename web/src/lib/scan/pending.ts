import { keep, kept } from './kept.ts';

/** A confirmed use whose answer this phone has not heard yet, with what its screen says about it. */
export type Pending = {
  id: string;
  /** Whose scan it was: its ticket is worth nothing to another operator on the same phone. */
  user: string;
  ticket: string;
  benefit: number;
  quantity: number;
  title: { titleZh: string; titleEn: string };
  maskedName: string;
  /** The session that his claim is of. */
  session?: string;
  /** He is let in without one: the claim that is made for him first, under an id of its own. */
  walkIn?: { id: string; session: number };
  /** What the member was to pay at the counter. */
  coPaymentFen?: number;
  outlet: number;
  madeAt: string;
  /** What was scanned, where it was not typed. */
  address?: string;
};

const prefix = 'tongka-use-';
const listKey = 'tongka-uses';

/** Written before the request leaves: from then on a reload, a second tap or a lost answer sends this same id again. */
export function storePending(pending: Pending): void {
  keep(prefix + pending.id, JSON.stringify(pending));
  keep(listKey, [...ids(), pending.id].join(' '));
}

/** Only an answer of the server that settles this id may call this. */
export function settlePending(id: string): void {
  keep(
    listKey,
    ids()
      .filter((other) => other !== id)
      .join(' ') || null,
  );
  keep(prefix + id, null);
}

/** This operator's, oldest first. */
export function pendingOf(user: string): Pending[] {
  const all = ids().map((id) => kept(prefix + id));
  return all
    .filter((text) => text !== null)
    .map((text) => JSON.parse(text) as Pending)
    .filter((pending) => pending.user === user);
}

function ids(): string[] {
  return (kept(listKey) ?? '').split(' ').filter((id) => id !== '');
}
