import { keptSession } from '#lib/kept-session.ts';
import { session, type SessionFacts } from '#lib/session.svelte.ts';
import { phone } from './phone.svelte.ts';

/** A paired phone opens without a network, as who is signed in or was last; null for any other phone. */
export async function recallSession(): Promise<SessionFacts | null> {
  await phone.open();
  const kept = phone.device === null ? null : (session.facts ?? keptSession());
  if (kept !== null) session.recall(kept);
  return kept;
}
