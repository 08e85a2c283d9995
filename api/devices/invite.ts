import { sql } from 'drizzle-orm';
import { authority, refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { hasCharge } from './charge.ts';
import { hashOfCode, makeCode } from './code.ts';

export type Invitation = { code: string; url: string; expiresAt: Date };

/**
 * An invitation for one phone of an outlet: for the partner's manager, and for an administrator over the union that
 * contracted the partner. The code stands in the address's fragment, so no server and no log ever sees it there.
 */
export async function invite(c: Ctx, outlet: number, name: string): Promise<Invitation> {
  const actor = signedIn(c);
  const code = makeCode();
  const [made] = await c.env.db.execute<{ expiresAt: Date }>(sql`
    with me as materialized (select * from ${authority(actor)}),
    here as materialized (
      select o.id from outlet o
        join partner p on p.id = o.partner_id
        join trade_union u on u.id = p.union_id
      where o.id = ${outlet} and (o.closed_at is null or o.closed_at > clock())
        and exists (select from me where ${hasCharge})
    ),
    -- Nothing else clears away what nobody used.
    gone as (
      delete from device_pairing
      where outlet_id in (select id from here) and expires_at < clock()
    )
    insert into device_pairing (code_hash, outlet_id, name, made_by, expires_at)
    select ${await hashOfCode(code)}, id, ${name}, ${actor.userId}, clock() + interval '10 minutes'
    from here
    returning expires_at as "expiresAt"`);
  if (!made) return refuse(c);
  const url = `${c.env.config.origin}/counter/pair#${code}`;
  return { code, url, expiresAt: made.expiresAt };
}
