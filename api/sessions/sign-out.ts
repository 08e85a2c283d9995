import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { forwardCookies, sessionToken } from './actor.ts';
import { endSessions } from './queries.ts';

/** Ends this session, if there is one, and takes its cookies away. */
export async function signOut(c: Ctx): Promise<void> {
  const headers = sessionToken(c) ?? new Headers();
  const ended = await c.env.auth().api.signOut({ headers, returnHeaders: true });
  forwardCookies(c, ended.headers);
}

/** Ends every session of the caller, on all devices, from the next statement on. */
export async function signOutEverywhere(c: Ctx): Promise<void> {
  if (!(await endSessions(c.env.sql, signedIn(c)))) await refuse(c);
  await signOut(c);
}
