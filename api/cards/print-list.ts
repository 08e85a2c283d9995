import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import type { Cursor } from '../cursor.ts';
import { printPass } from '../passes/printed.ts';
import { holding } from '../unions/office.ts';

export type Sheet = {
  cards: { name: string; unionZh: string; unionEn: string; expiresAt: Date; content: string }[];
  next: Cursor | null;
};

type Row = Omit<Sheet['cards'][number], 'content'> & { number: number; micros: number };

/** The printed cards of a union's members and those below it, for printing several at once: the newest first. */
export async function listPrintedCards(
  c: Ctx,
  union: number,
  limit: number,
  after: Cursor | undefined,
): Promise<Sheet> {
  const actor = signedIn(c);
  const [scope] = await c.env.db.execute(sql`
    select from trade_union u
    where u.id = ${union} and exists (
      select from (${holding(actor, 'members')}) office where office.union_id = any(u.path))`);
  if (!scope) return refuse(c);
  const rows = await c.env.db.execute<Row>(sql`
    select m.name, u.name_zh as "unionZh", u.name_en as "unionEn", c.number,
      c.expires_at as "expiresAt", (extract(epoch from c.enrolled_at) * 1000000)::bigint as micros
    from trade_union u
      join affiliation a on a.union_id = u.id and a.ended_at is null
      join member m on m.cell = a.cell and m.id = a.member_id
      join card c on c.cell = m.cell and c.member_id = m.id and c.kind = 'printed'
        and c.status = 'live'
    where ${union} = any(u.path)
      and exists (select from (${holding(actor, 'members')}) office where office.union_id = any(u.path))
      and ${isAfter(after)}
    order by c.enrolled_at desc, c.number desc
    limit ${limit + 1}`);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const cards = page.map(async ({ number, micros: _micros, ...row }) => {
    const exp = row.expiresAt.getTime() / 1000;
    return { ...row, content: await printPass(c.env, { card: number, exp }) };
  });
  return {
    cards: await Promise.all(cards),
    next: rows.length > limit && last ? { micros: last.micros, id: String(last.number) } : null,
  };
}

function isAfter(cursor: Cursor | undefined) {
  if (!cursor) return sql`true`;
  const at = sql`'epoch'::timestamptz + ${cursor.micros}::bigint * interval '1 microsecond'`;
  return sql`(c.enrolled_at, c.number) < (${at}, ${cursor.id}::bigint)`;
}
