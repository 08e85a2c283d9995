import { sql } from 'drizzle-orm';
import type { ClaimKind } from '../../db/schema/benefits.ts';
import type { Question } from '../../db/schema/claims.ts';
import { refuse } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { isKept, keeping } from '../members/keeping.ts';

/** What a clerk may claim for members. Instants are ISO 8601. */
export type Claimable = {
  id: number;
  titleZh: string;
  titleEn: string;
  claimKind: Exclude<ClaimKind, 'room'>;
  opensAt: string | null;
  closesAt: string;
  isOpen: boolean;
  quantityMax: number;
  hasWaitList: boolean;
  questions: Question[];
  sessions: {
    id: number;
    titleZh: string;
    titleEn: string;
    startsAt: string | null;
    left: number;
  }[];
};

/**
 * What is claimed now or soon and is not for other districts or unions alone. Whether one member may is for his own claim
 * to say; a room is asked for by who meets in it.
 */
export async function listClaimable(c: Ctx, unionId: number): Promise<{ benefits: Claimable[] }> {
  const [found] = await c.env.db.execute<{ benefits: Claimable[] }>(sql`
    with office as materialized (${keeping(c)})
    select coalesce((
      select jsonb_agg(jsonb_build_object(
        'id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en, 'claimKind', b.claim_kind,
        'opensAt', iso(claims_open_at(b, t)), 'closesAt', iso(t.closes_at),
        'isOpen', (claims_open_at(b, t) <= clock()) is true, 'quantityMax', claim_most(b),
        'hasWaitList', t.has_wait_list, 'questions', t.questions,
        'sessions', coalesce((
          select jsonb_agg(jsonb_build_object('id', s.id, 'titleZh', s.title_zh,
            'titleEn', s.title_en, 'startsAt', iso(s.starts_at), 'left', s.cap - s.taken)
            order by s.starts_at nulls last, s.id)
          from session s
          where s.benefit_id = b.id and s.cancelled_at is null and not s.is_room
            and (s.starts_at > clock()) is not false
        ), '[]')
      ) order by claims_open_at(b, t) nulls last, b.id)
      from benefit b
      join claim_terms t on t.benefit_id = b.id
      where b.stage = 'published' and b.claim_kind <> 'room' and b.paused_at is null
        and t.closes_at > clock() and b.ends_at > clock()
        and coalesce(b.audience -> 'districts' @> to_jsonb(u.district_id), true)
        and (
          not b.audience ? 'unions' or jsonb_path_exists(
            b.audience, '$.unions[*] ? (@ == $path[*])', jsonb_build_object('path', to_jsonb(u.path)))
          or exists (
            select from trade_union below
            where below.path @> array[u.id] and b.audience -> 'unions' @> to_jsonb(below.id))
        )
    ), '[]') as benefits
    from trade_union u where u.id = ${unionId} and ${isKept('u')}`);
  return found ?? refuse(c);
}
