import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { endSome, readSessions, type SessionView } from './queries.ts';

/** The caller's own sessions that still count, the last one used first. */
export async function listSessions(c: Ctx): Promise<SessionView[]> {
  const sessions = await readSessions(c.env.sql, signedIn(c));
  return sessions.length > 0 ? sessions : refuse(c);
}

/** Ends one of the caller's other sessions, or with null all of them, from the next statement on. */
export async function endOtherSessions(c: Ctx, id: string | null): Promise<{ ended: number }> {
  const ended = await endSome(c.env.sql, signedIn(c), id);
  if (ended === null) return refuse(c);
  if (id !== null && ended === 0) throw new Problem('not_found');
  return { ended };
}
