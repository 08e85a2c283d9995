import { type SQL, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { maySet } from '../benefits/terms-lock.ts';
import type { Ctx } from '../context.ts';
import { holding } from '../unions/office.ts';

/** Whether the caller stands at the door of what is claimed of the benefit `b`: he sets its terms. */
export const atDoor = (c: Ctx): SQL => maySet(holding(signedIn(c), 'terms'));

/** Refuses anybody else, before a question that must not be theirs to ask. */
export async function requireDoor(c: Ctx, session: number): Promise<void> {
  const found = await c.env.db.execute(sql`
    select from session s join benefit b on b.id = s.benefit_id
    where s.id = ${session} and ${atDoor(c)}`);
  if (found.length === 0) await refuse(c);
}
