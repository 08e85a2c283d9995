import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { endMandate, lockPrincipal } from './mandate-queries.ts';
import { endOwnProxy, lockMe } from './queries.ts';

/** The member ends it at once: the pass on the other phone is refused from now on. */
export async function endProxy(c: Ctx, id: number): Promise<void> {
  const actor = signedIn(c);
  const done = await c.env.sql.begin(async (tx) => {
    const me = await lockMe(tx, c.env.sql, actor);
    return me !== undefined && (await endOwnProxy(tx, me, id));
  });
  if (!done) await refuse(c);
}

/** Whoever was named says no, or gives it up. */
export async function giveUp(c: Ctx, id: number): Promise<void> {
  const actor = signedIn(c);
  const done = await c.env.sql.begin(async (tx) => {
    if (!(await lockPrincipal(tx, c.env.sql, actor, id))) return false;
    await endMandate(tx, id);
    return true;
  });
  if (!done) await refuse(c);
}
