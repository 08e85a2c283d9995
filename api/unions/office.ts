import { type SQL, sql } from 'drizzle-orm';
import { authority, refuse } from '../authority.ts';
import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';

/**
 * The unions whose officer the caller is at this moment, to stand in the route's own statement as
 * `with office as materialized (…)`. A union is in the caller's scope when `office.union_id = any(path)`.
 */
export const offices = (actor: Actor): SQL =>
  sql`select union_id, role from ${authority(actor)} where role in ('administrator', 'viewer')`;

/** The same for what only an administrator may do. */
export const administered = (actor: Actor): SQL =>
  sql`select union_id from ${authority(actor)} where role = 'administrator'`;

/** An empty list is an answer for an officer only; anybody else is refused as at a foreign address. */
export async function requireOffice(c: Ctx, actor: Actor): Promise<void> {
  const found = await c.env.db.execute(sql`${offices(actor)} limit 1`);
  if (found.length === 0) await refuse(c);
}
