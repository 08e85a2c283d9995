import { m } from '#lib/paraglide/messages.js';
import type { Problem } from '#lib/problem.ts';

/** Why the code could not be fetched. The full list of words would cost the card screen its size. */
export function troubleInWords(problem: Problem): string {
  if (problem.isUnreachable) return m.error_offline();
  if (problem.status === 429 || problem.status === 503) return m.error_busy();
  return m.error_internal_error();
}
