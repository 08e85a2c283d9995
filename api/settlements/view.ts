import { sql } from 'drizzle-orm';
import { named, type Named } from '../unions/named.ts';

export const statementStates = ['open', 'disputed', 'confirmed', 'invoiced', 'paid'] as const;

/** Of a pair: open, disputed while a dispute waits for its answer or ruling, confirmed by both. Of a partner's: open, invoiced, paid. */
export type StatementState = (typeof statementStates)[number];

export type StatementView = {
  id: number;
  month: string;
  kind: 'partner' | 'pair';
  state: StatementState;
  union: Named;
  /** The other union of a pair. */
  other: Named | null;
  partner: Named | null;
  lines: number;
  redemptions: number;
  /** What `union` owes the other union or the partner, less what came back. */
  debitFen: number;
  /** What the other union owes `union`. */
  creditFen: number;
  confirmedAt: Date | null;
  otherConfirmedAt: Date | null;
  openDisputes: number;
  /** What is held back of it now; from its invoice on, what that one left out. */
  suspendedFen: number;
  /** Held back in other ones and released: what its invoice will carry, or did. */
  carriedFen: number;
  /** What its invoice fixed: `debitFen` less `suspendedFen` and with `carriedFen`. */
  payableFen: number | null;
};

/** The disputes of statement `s` that wait for somebody: what the city itself declined to its partner is done. */
export const unresolved = sql`(
  select count(*)::int from dispute d
  where d.statement_id = s.id and (d.state = 'open' or d.state = 'declined' and (s.kind = 'pair' or exists (
    select from trade_union one where one.id = s.union_id and one.level > 1))))`;

const state = sql`case
  when s.paid_at is not null then 'paid'
  when s.invoiced_at is not null then 'invoiced'
  when ${unresolved} > 0 then 'disputed'
  when s.confirmed_at is not null and s.other_confirmed_at is not null then 'confirmed'
  else 'open' end`;

/** What the invoice of statement `s` took from earlier ones. */
const taken = sql`(
  select coalesce(sum(x.amount_fen), 0)::bigint from suspension x
  where x.carried_to = s.id and x.statement_id <> s.id)`;

/** One statement `s` as it is shown; its unions are `u` and `v`, its partner `p`. */
export const view = sql`s.id, s.month::text as month, s.kind, ${state} as state, ${named('u')} as union,
  case when v.id is not null then ${named('v')} end as other,
  case when p.id is not null then ${named('p')} end as partner,
  s.lines, s.redemptions, s.debit_fen as "debitFen", s.credit_fen as "creditFen",
  s.confirmed_at as "confirmedAt", s.other_confirmed_at as "otherConfirmedAt",
  ${unresolved} as "openDisputes",
  case when s.invoiced_at is null then (
      select coalesce(sum(x.amount_fen), 0)::bigint from suspension x
      where x.statement_id = s.id and x.released_at is null)
    else s.debit_fen + ${taken} - s.payable_fen end as "suspendedFen",
  case when s.invoiced_at is null
    then (select coalesce(sum(c.amount_fen), 0)::bigint from carried_by(s.id) c)
    else ${taken} end as "carriedFen",
  s.payable_fen as "payableFen"`;

export const stateIs = (wanted: StatementState | null) =>
  wanted === null ? sql`true` : sql`${state} = ${wanted}`;

export const parties = sql`
  join trade_union u on u.id = s.union_id
  left join trade_union v on v.id = s.other_id
  left join partner p on p.id = s.partner_id`;
