import { type SQL, sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { holding } from '../unions/office.ts';

/** The unions whose members the caller keeps, to stand in a statement as `with office as materialized (…)`. */
export const keeping = (c: Ctx): SQL => holding(signedIn(c), 'members');

/** Whether the union under this alias is among them or below one. */
export const isKept = (alias: string): SQL =>
  sql`exists (select from office o where o.union_id = any(${sql.identifier(alias)}.path))`;
