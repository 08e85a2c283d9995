import { keep, kept } from './kept.ts';

/** A confirmed use whose answer this phone has not heard yet, with what its screen says about it. */
export type Pending = {
  id: string;
  ticket: string;
  benefit: number;
  quantity: number;
  title: { titleZh: string; titleEn: string };
  maskedName: string;
  outlet: number;
  madeAt: string;
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

/** Oldest first. */
export function allPending(): Pending[] {
  return ids().flatMap((id) => {
    const text = kept(prefix + id);
    return text === null ? [] : [JSON.parse(text) as Pending];
  });
}

function ids(): string[] {
  return (kept(listKey) ?? '').split(' ').filter((id) => id !== '');
}
