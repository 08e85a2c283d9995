import { sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { type Cursor, encodeCursor } from '../cursor.ts';
import { named, type Named } from '../unions/named.ts';
import { offices, requireOffice } from '../unions/office.ts';
import type { StoredProposal } from './applier.ts';
import { deedRows } from './deeds.ts';
import type { ProposalAction } from './propose.ts';

/** Why the caller cannot confirm: he proposed it, it is decided, it is too old, or it is not for his role. */
export type Obstacle = 'own' | 'decided' | 'expired' | 'role';

export type ProposalView = {
  id: number;
  union: Named;
  action: ProposalAction;
  subject: string;
  subjectId: string;
  /** The benefit it is about, where it is about one. */
  benefit: { id: number; titleZh: string; titleEn: string } | null;
  /** The statement it is about, or whose line is disputed. */
  statement: { id: number; month: string; partner: Pick<Named, 'nameZh' | 'nameEn'> | null } | null;
  payload: Record<string, unknown>;
  amountFen: number;
  reason: string;
  proposedBy: { id: string; name: string | null };
  proposedAt: Date;
  expiresAt: Date;
  state: StoredProposal['state'];
  decidedBy: { id: string; name: string | null } | null;
  decidedAt: Date | null;
  decisionReason: string | null;
  isOwn: boolean;
  /** Null: the caller may confirm or decline it now. */
  obstacle: Obstacle | null;
};

export type ProposalFilter = {
  state?: 'open' | 'decided';
  /** Of this union or one below it. */
  union?: number;
  cursor?: Cursor;
  limit: number;
};

/**
 * What waits for a second person, or waited, in the caller's scope; newest first. Seen by those who may propose or
 * confirm such a thing there, and by who proposed it; others in office have an empty list.
 */
export async function listProposals(
  c: Ctx,
  { state, union, cursor, limit }: ProposalFilter,
): Promise<{ proposals: ProposalView[]; next: string | null }> {
  const actor = signedIn(c);
  const rows = await c.env.db.execute<ProposalView>(sql`
    with office as materialized (${offices(actor)})
    select p.id, ${named('u')} as union, p.action, p.subject, p.subject_id as "subjectId",
      case when b.id is not null then
        jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en) end as benefit,
      case when s.id is not null then
        jsonb_build_object('id', s.id, 'month', s.month, 'partner', case when t.id is not null then
          jsonb_build_object('nameZh', t.name_zh, 'nameEn', t.name_en) end) end as statement,
      p.payload, p.amount_fen as "amountFen", p.reason,
      jsonb_build_object('id', p.proposed_by, 'name', w.name) as "proposedBy",
      p.proposed_at as "proposedAt", p.expires_at as "expiresAt", p.state,
      case when p.decided_by is not null then
        jsonb_build_object('id', p.decided_by, 'name', d.name) end as "decidedBy",
      p.decided_at as "decidedAt", p.decision_reason as "decisionReason",
      p.proposed_by = ${actor.userId} as "isOwn",
      case
        when p.state <> 'open' then 'decided'
        when p.expires_at <= clock() then 'expired'
        when p.proposed_by = ${actor.userId} then 'own'
        when not exists (
          select from office o where o.union_id = any(u.path) and role_may(o.role, deed.confirm)) then 'role'
      end as obstacle
    from proposal p
      join trade_union u on u.id = p.union_id
      join (values ${deedRows}) deed (action, propose, confirm) on deed.action = p.action
      left join auth_user w on w.id = p.proposed_by
      left join auth_user d on d.id = p.decided_by
      left join benefit b on p.subject = 'benefit' and b.id::text = split_part(p.subject_id, '-', 1)
      left join dispute x on p.subject = 'dispute' and x.id::text = p.subject_id
      left join statement s
        on s.id = coalesce(x.statement_id, case when p.subject = 'statement' then p.subject_id::int end)
      left join partner t on t.id = s.partner_id
    where (
        p.proposed_by = ${actor.userId} and exists (select from office)
        or exists (
          select from office o where o.union_id = any(u.path)
            and (role_may(o.role, deed.confirm) or role_may(o.role, deed.propose))))
      and (${cursor?.id ?? null}::bigint is null or p.id < ${cursor?.id ?? null}::bigint)
      and (${state ?? null}::text is null or (p.state = 'open') = (${state ?? null}::text = 'open'))
      and (${union ?? null}::int is null or ${union ?? null}::int = any(u.path))
    order by p.id desc
    limit ${limit + 1}`);
  if (rows.length === 0) await requireOffice(c, actor);
  const proposals = rows.slice(0, limit);
  const last = proposals.at(-1);
  const next =
    rows.length > limit && last ? encodeCursor({ micros: 0, id: String(last.id) }) : null;
  return { proposals, next };
}
