import { getCookieCache } from 'better-auth/cookies';
import { getCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import type { Actor, Ctx, Env } from '../context.ts';
import { cookiePrefix, isSecure } from './auth.ts';

/**
 * Sets `c.var.actor`. With a fresh signed cookie that costs no trip to the database; every five minutes better-auth looks
 * the session up and signs a new one.
 */
export const actor = createMiddleware<Env>(async (c, next) => {
  c.set('actor', (await readCached(c)) ?? (await readStored(c)));
  await next();
});

/** The session as its row stands, for what must not go by a cookie, and the cookies that would say so. */
export async function findSession(c: Ctx) {
  const headers = sessionToken(c);
  if (headers === null) return null;
  const found = await c.env.auth().api.getSession({ headers, returnHeaders: true });
  return { session: found.response?.session ?? null, headers: found.headers };
}

/** Only the cookie that names the session: a damaged cache beside it is of no interest. */
export function sessionToken(c: Ctx): Headers | null {
  const name = `${isSecure(c.env.config) ? '__Secure-' : ''}${cookiePrefix}.session_token`;
  const token = getCookie(c, name);
  return token === undefined
    ? null
    : new Headers({ Cookie: `${name}=${encodeURIComponent(token)}` });
}

export function forwardCookies(c: Ctx, from: Headers): void {
  for (const cookie of from.getSetCookie()) c.header('Set-Cookie', cookie, { append: true });
}

async function readStored(c: Ctx): Promise<Actor | null> {
  const found = await findSession(c);
  if (found === null) return null;
  forwardCookies(c, found.headers);
  return found.session && toActor(found.session);
}

async function readCached(c: Ctx): Promise<Actor | null> {
  const { secret } = c.env.config;
  const isOurs = { cookiePrefix, isSecure: isSecure(c.env.config), secret };
  // What cannot even be decoded was not made by us, or was damaged: the session's row tells.
  const cached = await getCookieCache(c.req.raw.headers, isOurs).catch(() => null);
  return cached && toActor(cached.session);
}

type StoredSession = { userId: string; createdAt: Date | string; [field: string]: unknown };

function toActor(session: StoredSession): Actor {
  const { userId, createdAt, secondFactorAt } = session;
  const passed = typeof secondFactorAt === 'string' || secondFactorAt instanceof Date;
  return {
    userId,
    sessionAt: new Date(createdAt).toISOString(),
    secondFactorAt: passed ? new Date(secondFactorAt).toISOString() : null,
  };
}
