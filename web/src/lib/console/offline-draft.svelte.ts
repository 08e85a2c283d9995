import type { OfflineTerms } from './types.ts';

/** A benefit's leave to be used without a network, as a form holds it: texts as typed, money in yuan. */
export class OfflineDraft {
  isAllowed = $state(false);
  units = $state('20');
  hours = $state('24');
  cardUsesADay = $state('1');
  valueMax = $state('');
  variancePayer = $state<OfflineTerms['variancePayer']>('union');

  static of(terms: OfflineTerms | null): OfflineDraft {
    const draft = new OfflineDraft();
    if (terms === null) return draft;
    draft.isAllowed = true;
    draft.units = String(terms.units);
    draft.hours = String(terms.hours);
    draft.cardUsesADay = String(terms.cardUsesADay);
    draft.valueMax = String(terms.valueMaxFen / 100);
    draft.variancePayer = terms.variancePayer;
    return draft;
  }

  get terms(): OfflineTerms | null {
    if (!this.isAllowed) return null;
    return {
      units: Number(this.units),
      hours: Number(this.hours),
      cardUsesADay: Number(this.cardUsesADay),
      valueMaxFen: Math.round(Number(this.valueMax) * 100),
      variancePayer: this.variancePayer,
    };
  }

  get isComplete(): boolean {
    const needed = [this.units, this.hours, this.cardUsesADay, this.valueMax];
    return !this.isAllowed || needed.every((text) => String(text).trim() !== '');
  }
}
