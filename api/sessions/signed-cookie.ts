import { base64url } from 'jose';
import * as z from 'zod';
import { isSameMac, macOf } from '../mac.ts';

const instant = z.iso.datetime();

/** What better-auth signs of a session; the rest of it is of no interest. */
const shape = z.object({
  session: z.object({
    userId: z.string(),
    createdAt: instant,
    expiresAt: instant,
    secondFactorAt: instant.nullish(),
  }),
  updatedAt: z.number(),
  exp: z.number(),
});

export type SignedSession = z.infer<typeof shape>;

/** The only header that better-auth gives it: nothing in it is for its bearer to choose. */
const header = base64url.encode(JSON.stringify({ alg: 'HS256' }));

/**
 * The session in better-auth's signed cookie, if the signature is ours and its end has not come; null for anything else,
 * which its row in the database then decides. By better-auth's own reader it would be a third of a claim's whole work,
 * when everybody comes at one second and nobody's cookies were seen before.
 */
export function readSignedCookie(secret: string, jwt: string): SignedSession | null {
  const [head = '', payload = '', mac = '', ...more] = jwt.split('.');
  if (head !== header || more.length > 0) return null;
  try {
    const key = new TextEncoder().encode(secret);
    if (!isSameMac(bytesOf(mac), macOf(key, `${head}.${payload}`))) return null;
    const found = shape.safeParse(JSON.parse(bytesOf(payload).toString())).data;
    if (!found) return null;
    const now = Date.now();
    const isOver = found.exp * 1000 <= now || Date.parse(found.session.expiresAt) <= now;
    return isOver ? null : found;
  } catch {
    return null;
  }
}

/** By the runtime itself: twice as fast as any reader in JavaScript. */
const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64url');
