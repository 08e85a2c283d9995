import { paths } from '../desk-paths.ts';
import type { RedemptionFilter } from './types.ts';

const names = ['from', 'to', 'benefit', 'district', 'host', 'partner', 'outlet', 'state'] as const;

export type FilterName = (typeof names)[number];
export type FilterText = Partial<Record<FilterName, string>>;

/** What stands in the address; whether it makes sense is for the server to say. */
export function filterIn(search: Pick<URLSearchParams, 'get'>): FilterText {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = search.get(name);
      return value === null || value === '' ? [] : [[name, value]];
    }),
  );
}

/** The query of the list at a union's desk, with `state` as one of its two words or not at all. */
export function asQuery({ state, ...rest }: FilterText, union: string): RedemptionFilter {
  return { ...rest, union, ...((state === 'booked' || state === 'reversed') && { state }) };
}

/** The file that holds exactly what is filtered. */
export const exportOf = (filter: FilterText, union: string, language: 'zh-CN' | 'en'): string =>
  paths.redemptionsFile({ ...filter, union, language });
