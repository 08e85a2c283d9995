import { inWords } from '#lib/errors.ts';
import { m } from '#lib/paraglide/messages.js';
import { said } from '#lib/said.ts';
import { placesOf } from '#lib/scan/outlet.ts';
import { session } from '#lib/session.svelte.ts';
import { phone } from './phone.svelte.ts';

/** Why the last try to upload or to refresh did not succeed; empty when it did. */
export function syncWords(): string {
  const { device, problem } = phone;
  if (problem === null) return '';
  // To somebody of another outlet the server only says that there is no such phone.
  const isElsewhere =
    problem.status === 404 && !placesOf(session.facts).some(({ id }) => id === device?.outlet.id);
  if (device === null || !isElsewhere) return inWords(problem);
  return m.offline_of_another_outlet({ name: said(device.outlet, 'name') });
}
