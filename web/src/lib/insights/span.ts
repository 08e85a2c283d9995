import { localDay } from '../console/day.ts';
import type { Span } from './types.ts';

const usualDays = 30;
const day = /^20\d\d-\d\d-\d\d$/;

/** The days in the address, or the last thirty of them. */
export function spanIn(search: Pick<URLSearchParams, 'get'>, now = Date.now()): Span {
  const [from, to] = [search.get('from') ?? '', search.get('to') ?? ''];
  if (day.test(from) && day.test(to) && from <= to) return { from, to };
  return { from: localDay(now - (usualDays - 1) * 86_400_000), to: localDay(now) };
}
