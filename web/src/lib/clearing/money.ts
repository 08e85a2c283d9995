/** What a person typed as yuan, in fen; undefined where it is none. */
export function fenOf(text: string | number | null): number | undefined {
  const typed = String(text ?? '').trim();
  if (!/^\d{1,7}(\.\d{1,2})?$/.test(typed)) return undefined;
  return Math.round(Number(typed) * 100);
}
