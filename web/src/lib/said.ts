import { getLocale } from '#lib/paraglide/runtime.js';

type Both<Field extends string> = Record<`${Field}Zh` | `${Field}En`, string>;

/** A text that the data carries in both languages: `said(benefit, 'title')`. */
export function said<Field extends string>(thing: Both<Field>, field: Field): string {
  return getLocale() === 'en' ? thing[`${field}En`] : thing[`${field}Zh`];
}
