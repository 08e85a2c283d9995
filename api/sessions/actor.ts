import { getCookie } from 'hono/cookie';
import { createMiddleware } from 'hono/factory';
import type { Actor } from '../caller.ts';
import type { Config } from '../config.ts';
import type { Ctx, Env } from '../context.ts';
import { cachedSeconds, cookiePrefix, isSecure } from './auth.ts';
import { readSignedCookie } from './signed-cookie.ts';

/**
 * Sets `c.var.actor`. With a fresh signed cookie that costs no trip to the database; every five minutes better-auth looks
 * the session up and signs a new one.
 */
export const actor = createMiddleware<Env>(async (c, next) => {
  const cached = readCached(c);
  const stored = cached ? null : await findSession(c);
  c.set('actor', cached ?? (stored?.session ? toActor(stored.session) : null));
  await next();
  // What a route said of the session itself, such as its end, stands.
  if (stored && c.res.headers.getSetCookie().every((cookie) => !isOfSession(cookie)))
    forwardCookies(c, stored.headers);
  // Answers are for one person and one moment, unless their route says otherwise.
  const { headers } = c.res;
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
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
  const name = nameOf(c.env.config, 'session_token');
  const token = getCookie(c, name);
  return token === undefined
    ? null
    : new Headers({ Cookie: `${name}=${encodeURIComponent(token)}` });
}

export function forwardCookies(c: Ctx, from: Headers): void {
  for (const cookie of from.getSetCookie()) c.header('Set-Cookie', cookie, { append: true });
}

function readCached(c: Ctx): Actor | null {
  const cookies = c.req.header('Cookie');
  if (cookies === undefined) return null;
  const known = c.env.cookies.find(cookies);
  if (known) return known;
  const { config } = c.env;
  const signed = valueIn(cookies, nameOf(config, 'session_data'));
  const cached = signed === null ? null : readSignedCookie(config.secret, signed);
  if (!cached) return null;
  const { session, updatedAt } = cached;
  const actor = toActor(session);
  // Its end as better-auth signs it, counted from the whole second.
  const signedUntil = (Math.floor(updatedAt / 1000) + cachedSeconds) * 1000;
  c.env.cookies.keep(cookies, actor, Math.min(signedUntil, Date.parse(session.expiresAt)));
  return actor;
}

/** Of a cookie that is never encoded; it is read with each request, and of all that there are only this one. */
function valueIn(cookies: string, name: string): string | null {
  const start = `; ${cookies}`.indexOf(`; ${name}=`);
  if (start < 0) return null;
  const end = cookies.indexOf(';', start);
  return cookies.slice(start + name.length + 1, end < 0 ? undefined : end);
}

function nameOf(config: Pick<Config, 'origin'>, cookie: string): string {
  return `${isSecure(config) ? '__Secure-' : ''}${cookiePrefix}.${cookie}`;
}

function isOfSession(cookie: string): boolean {
  return cookie.replace('__Secure-', '').startsWith(`${cookiePrefix}.`);
}

type StoredSession = { userId: string; createdAt: Date | string; [field: string]: unknown };

function toActor(session: StoredSession): Actor {
  const { userId, createdAt, secondFactorAt } = session;
  const passed = typeof secondFactorAt === 'string' || secondFactorAt instanceof Date;
  return {
    userId,
    sessionAt: isoOf(createdAt),
    secondFactorAt: passed ? isoOf(secondFactorAt) : null,
  };
}

const isoOf = (instant: Date | string): string =>
  typeof instant === 'string' ? instant : instant.toISOString();
