import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { refuseMember } from '../members/me.ts';
import { phoneHash } from '../members/personal-data.ts';
import { readPhone } from '../sessions/phone.ts';
import {
  countFamily,
  insertFamily,
  lockMe,
  type Proxy,
  readProxies,
  takeNaming,
  userOfPhone,
} from './queries.ts';

export const proxiesMax = 3;

export type Named = { phone: string; label: string; endsAt: string | null };

/**
 * The member names somebody of the family by his phone; nothing tells whether anybody uses that phone. It counts when he
 * signs in with it and says yes. Naming him again changes nothing.
 */
export async function nameProxy(c: Ctx, { phone, label, endsAt }: Named): Promise<Proxy[]> {
  const actor = signedIn(c);
  const hash = await phoneHash(c.env.config.secret, readPhone(phone));
  const done = await c.env.sql.begin(async (tx) => {
    const me = await lockMe(tx, c.env.sql, actor);
    if (!me) return false;
    const wait = await takeNaming(tx, me);
    if (wait > 0) throw new Problem('too_many_attempts', {}, { 'Retry-After': String(wait) });
    const userId = await userOfPhone(tx, hash);
    if (userId === actor.userId) throw new Problem('proxy_is_self');
    const count = await countFamily(tx, me);
    const added = await insertFamily(tx, me, { userId, namedBy: actor.userId, label, endsAt });
    if (added !== null && count >= proxiesMax) throw new Problem('too_many_proxies');
    return true;
  });
  if (!done) return refuseMember(c, actor);
  return listProxies(c);
}

export async function listProxies(c: Ctx): Promise<Proxy[]> {
  const actor = signedIn(c);
  return (await readProxies(c.env.sql, actor)) ?? refuseMember(c, actor);
}
