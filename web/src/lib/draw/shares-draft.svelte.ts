import type { NewSession } from '../claims/desk/types.ts';
import { unitsOf } from './units.ts';

export type ShareDraft = { titleZh: string; titleEn: string; price: string; share: string };

const fen = (yuan: string): number => Math.round(Number(yuan) * 100);

/** Prizes as a sum of money and its shares make them. */
export class SharesDraft {
  total = $state('');
  prizes = $state<ShareDraft[]>([empty()]);

  add(): void {
    this.prizes.push(empty());
  }

  remove(at: number): void {
    this.prizes.splice(at, 1);
  }

  get totalFen(): number {
    const value = fen(this.total);
    return Number.isSafeInteger(value) && value > 0 ? value : 0;
  }

  get sharePercent(): number {
    return this.prizes.reduce((sum, { share }) => sum + (Number(share) || 0), 0);
  }

  unitsAt(at: number): number {
    const prize = this.prizes[at];
    const [price, share] = [fen(prize?.price ?? ''), Number(prize?.share)];
    return price > 0 && share > 0 && share <= 100 ? unitsOf(this.totalFen, share, price) : 0;
  }

  get usedFen(): number {
    return this.prizes.reduce((sum, { price }, at) => {
      const units = this.unitsAt(at);
      return sum + (units > 0 ? units * fen(price) : 0);
    }, 0);
  }

  get dearestFen(): number {
    return Math.max(0, ...this.prizes.map(({ price }) => fen(price) || 0));
  }

  get isComplete(): boolean {
    return this.prizes.every(
      ({ titleZh, titleEn }, at) =>
        titleZh.trim() !== '' && titleEn.trim() !== '' && this.unitsAt(at) > 0,
    );
  }

  get sessions(): NewSession[] {
    return this.prizes.map(({ titleZh, titleEn, price }, at) => ({
      titleZh: titleZh.trim(),
      titleEn: titleEn.trim(),
      priceFen: fen(price),
      cap: this.unitsAt(at),
    }));
  }
}

function empty(): ShareDraft {
  return { titleZh: '', titleEn: '', price: '', share: '' };
}
