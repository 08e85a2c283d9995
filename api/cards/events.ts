import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { refuseMember } from '../members/me.ts';
import { type News, readNews } from './events-queries.ts';

/** What an open card screen asks for again and again. */
export async function listEvents(
  c: Ctx,
  phoneHash: string | null,
  after: string | undefined,
): Promise<News> {
  const actor = signedIn(c);
  const news = await readNews(c.env.sql, actor, phoneHash, after);
  return news ?? refuseMember(c, actor);
}
