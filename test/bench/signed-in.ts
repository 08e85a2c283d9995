import { makeSignature, signJWT } from 'better-auth/crypto';
import { decodeJwt } from 'jose';
import type { Config } from '../../api/config.ts';
import { lasting, services } from '../../api/services.ts';
import { cachedSeconds, cookiePrefix } from '../../api/sessions/auth.ts';
import type { Sql } from '../../db/client.ts';

/** A member of the crowd with a session of his own, as after signing in by phone. */
export type SignedIn = { cell: number; userId: string; session: string; token: string };

type Payload = { session: object; user: object };

const tokenName = `${cookiePrefix}.session_token`;
const dataName = `${cookiePrefix}.session_data`;
const atOnce = 1_000;

/** Signs so many members of the crowd in: a row of better-auth's each, as its own sign-in leaves it. */
export async function signInCrowd(sql: Sql, count: number): Promise<SignedIn[]> {
  return sql<SignedIn[]>`
    with one as (
      select h.cell, left(h.name, 32) as "userId", right(h.name, 32) as session,
        left(encode(sha256(('token ' || h.name)::bytea), 'hex'), 32) as token
      from generate_series(0, ${count - 1}::bigint) n, crowd.holder(n) h
    ), begun as (
      insert into auth_session (id, token, user_id, created_at, updated_at, expires_at)
      select session, token, "userId", date_trunc('milliseconds', clock()),
        date_trunc('milliseconds', clock()), clock() + interval '30 days'
      from one
    )
    select * from one`;
}

/**
 * Their cookies as a page opened just now gave them. The first one's are better-auth's answer to his session; the others'
 * have its shape and are signed by the same functions.
 */
export async function cookiesOf(
  sql: Sql,
  config: Config,
  people: readonly SignedIn[],
): Promise<string[]> {
  const { secret } = config;
  const tokenOf = async ({ token }: SignedIn) =>
    `${tokenName}=${encodeURIComponent(`${token}.${await makeSignature(token, secret)}`)}`;
  const [first] = people;
  if (!first) return [];
  const shape = await answered(sql, config, await tokenOf(first));
  const cookies: string[] = [];
  for (let done = 0; done < people.length; done += atOnce) {
    const some = people.slice(done, done + atOnce).map(async (one) => {
      const { session, token, userId } = one;
      const email = `${userId}@m.invalid`;
      const data = await signJWT(
        {
          ...shape,
          session: { ...shape.session, id: session, token, userId },
          user: { ...shape.user, id: userId, email, phoneNumber: userId },
          updatedAt: Date.now(),
        },
        secret,
        cachedSeconds,
      );
      return `${await tokenOf(one)}; ${dataName}=${data}`;
    });
    cookies.push(...(await Promise.all(some)));
  }
  return cookies;
}

/** What better-auth signs for the session of this token. */
async function answered(sql: Sql, config: Config, cookie: string): Promise<Payload> {
  const kept = lasting(config, { info: () => {}, error: () => {} });
  const { auth } = services(kept, sql, () => {});
  const headers = new Headers({ Cookie: cookie });
  const found = await auth().api.getSession({ headers, returnHeaders: true });
  const given = found.headers.getSetCookie().find((line) => line.startsWith(`${dataName}=`));
  const [, data = ''] = /=([^;]+)/.exec(given ?? '') ?? [];
  return decodeJwt<Payload>(data);
}
