import { getLocale } from '#lib/paraglide/runtime.js';
import { m } from '#lib/paraglide/messages.js';
import { asPlace, said } from '#lib/said.ts';
import type { Named, Terms } from './types.ts';

const list = (names: readonly string[]): string =>
  new Intl.ListFormat(getLocale(), { style: 'narrow', type: 'conjunction' }).format(names);

/** Names where the officer's scope knows them, else how many there are: other districts' unions are not listed to him. */
export function districtNames(ids: readonly number[], known: readonly Named[]): string {
  return namesOf(ids, known, asPlace) ?? m.console_districts({ count: String(ids.length) });
}

function unionNames(ids: readonly number[], known: readonly Named[]): string {
  return namesOf(ids, known) ?? m.console_unions({ count: String(ids.length) });
}

function namesOf(
  ids: readonly number[],
  known: readonly Named[],
  called = (name: string): string => name,
): string | undefined {
  const found = ids.map((id) => known.find((one) => one.id === id));
  const names = found.flatMap((one) => (one === undefined ? [] : [called(said(one, 'name'))]));
  return names.length === ids.length ? list(names) : undefined;
}

function ageInWords({ min, max }: NonNullable<Terms['audience']['age']>): string {
  if (max === undefined) return m.console_age_from({ min: String(min ?? 0) });
  if (min === undefined) return m.console_age_to({ max: String(max) });
  return m.console_age({ min: String(min), max: String(max) });
}

/** The audience's rules, all of which must hold, as one line. */
export function audienceInWords(audience: Terms['audience'], known: readonly Named[]): string {
  const { districts, unions, age, tags } = audience;
  const parts = [
    districts && districtNames(districts, known),
    unions && unionNames(unions, known),
    age && ageInWords(age),
    tags && list(tags),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? m.console_audience_all() : parts.join(' · ');
}
