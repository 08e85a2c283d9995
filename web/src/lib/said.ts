import { getLocale } from '#lib/paraglide/runtime.js';

type Both<Field extends string> = Record<`${Field}Zh` | `${Field}En`, string>;

/** A text that the data carries in both languages: `said(benefit, 'title')`. */
export function said<Field extends string>(thing: Both<Field>, field: Field): string {
  const text = getLocale() === 'en' ? thing[`${field}En`] : thing[`${field}Zh`];
  return field === 'district' ? asPlace(text) : text;
}

/** A district is stored as its union; where a place is meant, 东城区总工会 is 东城区. */
export function asPlace(unionName: string): string {
  return unionName.replace(/总工会$| District Union$/, '');
}
