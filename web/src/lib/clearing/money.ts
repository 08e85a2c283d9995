import { getLocale } from '#lib/paraglide/runtime.js';

/** What a person typed as yuan, in fen; undefined where it is none. */
export function fenOf(text: string | number | null): number | undefined {
  const typed = String(text ?? '').trim();
  if (!/^\d{1,7}(\.\d{1,2})?$/.test(typed)) return undefined;
  return Math.round(Number(typed) * 100);
}

/** Money as a paper has it: no figure without its fen. */
export function yuanToTheFen(fen: number): string {
  return new Intl.NumberFormat(getLocale(), {
    style: 'currency',
    currency: 'CNY',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 2,
  }).format(fen / 100);
}
