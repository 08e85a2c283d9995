import type * as z from 'zod';
import type { ProblemCode } from '../errors.ts';

/** The parts of the API, in the order of the page. */
export const tags = [
  'Sign-in',
  'Card',
  'Benefits',
  'Claims',
  'Counter',
  'Devices',
  'Console',
  'Service',
] as const;

/** Who may call a route; anybody else hears `not_signed_in`, `second_factor_required` or `not_found`. */
export type Caller =
  'anyone' | 'person' | 'member' | 'operator' | 'manager' | 'officer' | 'administrator';

/** What the route itself does not say: the rest of its entry in the document comes from its validators. */
export type Operation = {
  tag: (typeof tags)[number];
  summary: string;
  caller: Caller;
  /** The body of each status it answers with when it does what was asked; a string names another media type. */
  answers: Partial<Record<200 | 201 | 202 | 304, z.ZodType | `${string}/${string}` | null>>;
  /** Its own refusals, beside those that every route of its kind has. */
  refusals?: readonly ProblemCode[];
};

/** By method and path, as `GET /api/benefits/:id`. */
export type Operations = Record<
  `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`,
  Operation
>;
