import { rollUp } from '../../api/insights/roll-up.ts';
import type { Sql } from '../../db/client.ts';

/**
 * Has everything counted and drawn up to now. The roll-up waits for whatever transaction of the whole server began
 * before, another test's as well: so it is called until it is through.
 */
export async function rolled(sql: Sql): Promise<void> {
  for (;;) {
    const steps = await rollUp(sql);
    const [row] = await sql<{ isDone: boolean }[]>`
      select rolled_through() > clock() - interval '2 minutes' as "isDone"`;
    if (steps === 0 && row?.isDone === true) return;
  }
}
