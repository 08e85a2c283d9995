export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;

// Every address of the product is built here, so that a screen can move without hunting for strings.
export function at(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '' && value !== false) {
      search.set(key, String(value));
    }
  }
  const text = search.toString();
  return text === '' ? path : `${path}?${text}`;
}

export const part = encodeURIComponent;

export const paths = {
  signIn: (next?: string) => at('/sign-in', { next }),
  card: () => '/',
  benefits: (query?: Query) => at('/benefits', query),
  benefit: (id: string) => `/benefits/${part(id)}`,
  claims: () => '/claims',
  inbox: () => '/inbox',
  history: () => '/history',
  settings: () => '/settings',
  mine: (query?: Query) => at('/settings/mine', query),
  counter: () => '/counter',
  apply: () => '/apply',
  pass: (text: string) => `/q/${part(text)}`,
  console: (query?: Query) => at('/console', query),
};

/** A place of our own to return to; anything that could leave the site becomes the card. */
export function ownPath(text: string | null): string {
  if (text === null || !/^\/(?![/\\])/.test(text)) return paths.card();
  return text;
}
