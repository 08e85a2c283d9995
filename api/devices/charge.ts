import { sql } from 'drizzle-orm';

/**
 * Whether a row `me` of authority() has charge of the devices of partner `p`, which union `u` contracted: its manager, or
 * who operates that union.
 */
export const hasCharge = sql`
  (me.role = 'manager' and me.partner_id = p.id)
  or (role_may(me.role, 'operate') and me.union_id = any(u.path))`;
