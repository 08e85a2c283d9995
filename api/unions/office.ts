import { type SQL, sql } from 'drizzle-orm';
import { authority, refuse } from '../authority.ts';
import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';

/** What an officer's role lets him do; which role may what has its one home in SQL, `role_may`. */
export const allDeeds = [
  'read',
  'terms',
  'money',
  'people',
  'members',
  'operate',
  'verify',
] as const;
export type Deed = (typeof allDeeds)[number];

/** All of them, as an array of SQL. */
export const deeds: SQL = sql.raw(`array['${allDeeds.join("', '")}']`);

/**
 * The unions whose officer the caller is at this moment, to stand in the route's own statement as
 * `with office as materialized (…)`. A union is in the caller's scope when `office.union_id = any(path)`.
 */
export const offices = (actor: Actor): SQL =>
  sql`select union_id, role from ${authority(actor)} where role_may(role, 'read')`;

/** The same for what takes more than reading: the unions for which the caller's role lets him do the deed. */
export const holding = (actor: Actor, deed: Deed): SQL =>
  sql`select union_id from ${authority(actor)} where role_may(role, ${deed})`;

/** An empty list is an answer for an officer only; anybody else is refused as at a foreign address. */
export async function requireOffice(c: Ctx, actor: Actor): Promise<void> {
  const found = await c.env.db.execute(sql`${offices(actor)} limit 1`);
  if (found.length === 0) await refuse(c);
}
