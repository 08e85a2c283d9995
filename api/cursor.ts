import * as z from 'zod';
import { numberInUrl } from './validate.ts';

/** How many rows a page holds. */
export const pageLimit = numberInUrl(200)
  .refine((rows) => rows > 0, 'must be between 1 and 200')
  .default(50);

/**
 * A place in a list ordered by instant and id, as an opaque word for the URL. It says where to go on, never what may be
 * seen: every page asks for the caller's scope anew, so a forged one leads nowhere else.
 */
export type Cursor = { micros: number; id: string };

export function encodeCursor({ micros, id }: Cursor): string {
  return btoa(`${micros}.${id}`).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** The cursor of a query, whose id has the given form. */
export const cursor = (id: RegExp) =>
  z
    .string()
    .max(120)
    .regex(/^[A-Za-z0-9_-]+$/)
    .transform((word, ctx) => {
      const place = decode(word);
      if (place && id.test(place.id) && encodeCursor(place) === word) return place;
      ctx.addIssue({ code: 'custom', message: 'is not a cursor of this list' });
      return z.NEVER;
    });

function decode(word: string): Cursor | undefined {
  try {
    const [, micros, id] =
      /^(\d{1,16})\.(.+)$/.exec(atob(word.replaceAll('-', '+').replaceAll('_', '/'))) ?? [];
    return micros && id ? { micros: Number(micros), id } : undefined;
  } catch {
    return undefined;
  }
}
