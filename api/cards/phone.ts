import { getCookie, setCookie } from 'hono/cookie';
import type { Ctx } from '../context.ts';

const name = 'tongka_phone';
const secretBytes = 16;
const yearSeconds = 365 * 24 * 60 * 60;

/** The hash of the secret only this phone holds, which is all the database knows of it; null on a phone without one. */
export async function phoneHash(c: Ctx): Promise<string | null> {
  const secret = getCookie(c, name);
  return secret !== undefined && isSecret(secret) ? hash(secret) : null;
}

/** The phone keeps its secret, so that two members may have their cards on one phone; a new phone gets one. */
export async function givePhoneSecret(c: Ctx): Promise<string> {
  const kept = getCookie(c, name);
  const bytes = crypto.getRandomValues(new Uint8Array(secretBytes));
  const secret = kept !== undefined && isSecret(kept) ? kept : toHex(bytes);
  setCookie(c, name, secret, {
    path: '/api/me',
    httpOnly: true,
    sameSite: 'Strict',
    secure: c.env.config.origin.startsWith('https:'),
    maxAge: yearSeconds,
  });
  return hash(secret);
}

function isSecret(value: string): boolean {
  return /^[0-9a-f]{32}$/.test(value);
}

async function hash(secret: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret));
  return toHex(new Uint8Array(digest));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
