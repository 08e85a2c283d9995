import { type SQL, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { waiting } from '../proposals/waiting.ts';
import { named, type Named } from '../unions/named.ts';
import type { LineView } from './lines.ts';
import { reached } from './reach.ts';
import { parties, type StatementView, view } from './view.ts';

/** What a dispute or a suspension is about, as its line says it. */
export type Use = Pick<LineView, 'redemptionId' | 'scannedAt' | 'benefit' | 'outlet'>;

export type DisputeView = Use & {
  id: number;
  /** The union that raised it; null: the partner. */
  by: Named | null;
  claimedFen: number;
  /** What the redemption cost in all when it was used. */
  priceFen: number;
  reason: string;
  raisedAt: Date;
  state: 'open' | 'withdrawn' | 'accepted' | 'declined' | 'upheld' | 'dismissed';
  answer: string | null;
  answeredAt: Date | null;
  ruling: string | null;
  ruledAt: Date | null;
  correctedFen: number | null;
  canAnswer: boolean;
  canWithdraw: boolean;
  canRule: boolean;
};

export type SuspensionView = Use & {
  amountFen: number;
  reason: string;
  suspendedAt: Date;
  releasedAt: Date | null;
  releaseReason: string | null;
  /** The statement that it is paid with, once that is known. */
  carriedTo: number | null;
};

export type StatementDetail = StatementView & {
  hash: string;
  anchors: { unionId: number; seq: number; hash: string }[];
  closedAt: Date | null;
  invoiceNumber: string | null;
  invoicedAt: Date | null;
  bankReference: string | null;
  paidOn: string | null;
  /** By partner: what each side of a pair bears there. */
  parts: {
    debtor: Named;
    partner: Named;
    lines: number;
    chargedFen: number;
    returnedFen: number;
  }[];
  disputes: DisputeView[];
  suspensions: SuspensionView[];
  /** A payment waits for a second person; told to whose money it is. */
  isPaymentProposed: boolean;
  can: {
    /** The unions for which the caller may confirm now. */
    confirm: number[];
    /** The unions for which he may dispute a line; of a partner's statement it is the partner who does. */
    dispute: number[];
    object: boolean;
    /** Suspend, release, take the invoice, pay. */
    pay: boolean;
  };
};

/** One statement with all that happened to it. Whom a redemption was for is nowhere in it. */
export async function readStatement(c: Ctx, id: number): Promise<StatementDetail> {
  const actor = signedIn(c);
  const [found] = await c.env.db.execute<StatementDetail>(sql`
    with ${reached(actor)},
      root as (select exists (
        select from office o join trade_union r on r.id = o.union_id
        where r.level = 1 and o.is_money) as is_money)
    select ${view}, s.hash, s.anchors,
      (select m.closed_at from period m where m.month = s.month) as "closedAt",
      s.invoice_number as "invoiceNumber", s.invoiced_at as "invoicedAt",
      s.bank_reference as "bankReference", s.paid_on::text as "paidOn",
      coalesce((
        select jsonb_agg(jsonb_build_object('debtor', ${named('d')}, 'partner', ${named('q')},
          'lines', x.lines, 'chargedFen', x.charged_fen, 'returnedFen', x.returned_fen)
          order by d.id, q.id)
        from (
          select l.union_id, l.partner_id, sum(l.lines) as lines, sum(l.charged_fen) as charged_fen,
            sum(l.returned_fen) as returned_fen
          from ledger_part l
          where l.day >= s.month and l.day < s.month + interval '1 month' and s.kind = 'pair'
            and (l.union_id, l.creditor_id) in ((s.union_id, s.other_id), (s.other_id, s.union_id))
          group by l.union_id, l.partner_id) x
        join trade_union d on d.id = x.union_id
        join partner q on q.id = x.partner_id), '[]') as parts,
      coalesce((
        select jsonb_agg(${use} || jsonb_build_object('id', d.id,
          'by', case when b.id is not null then ${named('b')} end, 'claimedFen', d.claimed_fen,
          'priceFen', r.price_fen::bigint * r.quantity,
          'reason', d.reason, 'raisedAt', iso(d.raised_at), 'state', d.state, 'answer', d.answer,
          'answeredAt', iso(d.answered_at), 'ruling', d.ruling, 'ruledAt', iso(d.ruled_at),
          'correctedFen', d.corrected_fen,
          'canAnswer', d.state = 'open' and d.raised_by <> ${actor.userId} and case
            when s.kind = 'partner' or d.union_id = s.other_id then s.is_money else s.is_other_money end,
          'canWithdraw', d.state = 'open' and case
            when d.union_id is null then s.is_partner
            when d.union_id = s.union_id then s.is_money else s.is_other_money end,
          'canRule', d.state = 'declined' and (s.kind = 'pair' or u.level > 1) and root.is_money
            and ${actor.userId} not in (d.raised_by, d.answered_by))
          order by d.id)
        from dispute d
          ${useOf('d')}
          left join trade_union b on b.id = d.union_id
        where d.statement_id = s.id), '[]') as disputes,
      coalesce((
        select jsonb_agg(${use} || jsonb_build_object('amountFen', x.amount_fen,
          'reason', x.reason, 'suspendedAt', iso(x.suspended_at), 'releasedAt', iso(x.released_at),
          'releaseReason', x.release_reason, 'carriedTo', x.carried_to) order by x.id)
        from suspension x
          ${useOf('x')}
        where x.statement_id = s.id), '[]') as suspensions,
      s.is_money and exists (${waiting('statement.pay', 'statement', sql`s.id`)}) as "isPaymentProposed",
      jsonb_build_object(
        'confirm', case when s.kind = 'pair' and ${noDispute} then to_jsonb(array_remove(array[
          case when s.is_money and s.confirmed_at is null
            and s.other_confirmed_by is distinct from ${actor.userId} then s.union_id end,
          case when s.is_other_money and s.other_confirmed_at is null
            and s.confirmed_by is distinct from ${actor.userId} then s.other_id end], null))
          else '[]' end,
        'dispute', case when s.kind = 'pair' then to_jsonb(array_remove(array[
          case when s.is_money and s.confirmed_at is null then s.union_id end,
          case when s.is_other_money and s.other_confirmed_at is null then s.other_id end], null))
          else '[]' end,
        'object', s.kind = 'partner' and coalesce(s.is_partner, false) and s.paid_at is null,
        'pay', s.kind = 'partner' and s.is_money) as can
    from reached s ${parties} cross join root
    where s.id = ${id}`);
  return found ?? refuse(c);
}

/** The redemption `r` of the row under this alias, with its benefit and outlet. */
function useOf(alias: string): SQL {
  const row = sql.identifier(alias);
  return sql`
    join redemption r on r.cell = ${row}.cell and r.id = ${row}.redemption_id
    join benefit g on g.id = r.benefit_id
    join outlet t on t.id = r.outlet_id`;
}

const use = sql`jsonb_build_object('redemptionId', r.id, 'scannedAt', iso(r.at),
  'benefit', jsonb_build_object('id', g.id, 'titleZh', g.title_zh, 'titleEn', g.title_en),
  'outlet', ${named('t')})`;

const noDispute = sql`not exists (
  select from dispute d where d.statement_id = s.id and d.state in ('open', 'declined'))`;
