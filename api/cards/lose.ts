import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { refuseMember } from '../members/me.ts';
import { loseCard, readHolder } from './queries.ts';

/** The member alone ends the card that is out of his hands, from any phone he is signed in on. */
export async function lose(c: Ctx): Promise<{ lostAt: Date }> {
  const actor = signedIn(c);
  const lostAt = await loseCard(c.env.sql, actor);
  if (lostAt) return { lostAt };
  if (await readHolder(c.env.sql, actor, null)) throw new Problem('card_not_enrolled');
  return refuseMember(c, actor);
}
