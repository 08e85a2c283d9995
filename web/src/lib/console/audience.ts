import { getLocale } from '#lib/paraglide/runtime.js';
import { m } from '#lib/paraglide/messages.js';
import { asPlace, said } from '#lib/said.ts';
import type { Terms, UnionInScope } from './types.ts';

const list = (names: readonly string[]): string =>
  new Intl.ListFormat(getLocale(), { style: 'narrow', type: 'unit' }).format(names);

/** Names where the officer's scope knows them, else how many there are: other districts' unions are not listed to him. */
export function districtNames(ids: readonly number[], known: readonly UnionInScope[]): string {
  const found = known.filter(({ id }) => ids.includes(id)).map((one) => asPlace(said(one, 'name')));
  return found.length === ids.length
    ? list(found)
    : m.console_districts({ count: String(ids.length) });
}

/** The audience's rules, all of which must hold, as one line. */
export function audienceInWords(
  audience: Terms['audience'],
  known: readonly UnionInScope[],
): string {
  const { districts, unions, age, tags } = audience;
  const parts = [
    districts && districtNames(districts, known),
    unions && m.console_unions({ count: String(unions.length) }),
    age && m.console_age({ min: String(age.min ?? 0), max: String(age.max ?? 150) }),
    tags && list(tags),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? m.console_audience_all() : parts.join(' · ');
}
