import { type SQL, sql } from 'drizzle-orm';
import { authority, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';

/** The partners that the caller manages at this moment. */
export const managed = (c: Ctx): SQL =>
  sql`select partner_id from ${authority(signedIn(c))} where role = 'manager'`;
