import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { type Cursor, encodeCursor } from '../cursor.ts';
import { refuseMember } from '../members/me.ts';
import type { OwnRedemption } from './own.ts';
import { readHistory } from './own-queries.ts';

const pageLength = 20;

/** The member's own redemptions in the order they were recorded, newest first. */
export async function listHistory(
  c: Ctx,
  before: Cursor | undefined,
): Promise<{ redemptions: OwnRedemption[]; next: string | null }> {
  const actor = signedIn(c);
  const found = await readHistory(c.env.sql, actor, before, pageLength);
  if (!found) return refuseMember(c, actor);
  const rows = found.slice(0, pageLength);
  const last = found.length > pageLength ? rows.at(-1) : undefined;
  return {
    redemptions: rows.map(({ redemption }) => redemption),
    next: last ? encodeCursor({ micros: last.micros, id: last.redemption.id }) : null,
  };
}
