import type { Payer, Share } from './funding-words.ts';

export type ShareDraft = { payer: Payer; way: 'parts' | 'amount'; figure: string; cap: string };

const fen = (yuan: string): number => Math.round(Number(yuan) * 100);

/** A funding rule as a form holds it; no shares: the owner of the places pays all. */
export class FundingDraft {
  shares = $state<ShareDraft[]>([]);

  static of(shares: readonly Share[] | null): FundingDraft {
    const draft = new FundingDraft();
    draft.shares = (shares ?? []).map(({ payer, amountFen, parts, capFen }) => ({
      payer,
      way: amountFen === undefined ? 'parts' : 'amount',
      figure: String(amountFen === undefined ? (parts ?? 1) : amountFen / 100),
      cap: capFen === undefined ? '' : String(capFen / 100),
    }));
    return draft;
  }

  add(): void {
    this.shares.push({ payer: 'owner', way: 'parts', figure: '1', cap: '' });
  }

  remove(at: number): void {
    this.shares.splice(at, 1);
  }

  get funding(): Share[] | null {
    if (this.shares.length === 0) return null;
    return this.shares.map(({ payer, way, figure, cap }) => ({
      payer,
      ...(way === 'parts' ? { parts: Number(figure) } : { amountFen: fen(figure) }),
      ...(String(cap) !== '' && { capFen: fen(cap) }),
    }));
  }
}
