-- Who bears what of one redemption: for each payer and what it pays into, its place in the rule, what
-- the original legs that nothing undid say (`weight`), and what it bears at this moment, with
-- reversals and adjustments (`net_fen`). A plain read.
create or replace function redemption_shares(p_cell smallint, p_id uuid) returns table (
  place smallint,
  bearer_id integer,
  receiver_id integer,
  creditor_id integer,
  weight bigint,
  net_fen bigint
) language sql stable as $$
  select min(t.leg) filter (where t.is_live), t.bearer_id, t.receiver_id, max(t.creditor_id),
    coalesce(sum(t.amount_fen) filter (where t.is_live), 0)::bigint,
    sum(case when t.is_charge then t.amount_fen else -t.amount_fen end)::bigint
  from (
    select there.leg, there.creditor_id, there.amount_fen, payee.kind in ('payable', 'counter') as is_charge,
      case when payee.kind in ('payable', 'counter') then there.payer_id else there.payee_id end as bearer_id,
      case when payee.kind in ('payable', 'counter') then there.payee_id else there.payer_id end as receiver_id,
      there.kind = 'redemption' and not exists (
        select from transfer back
        where back.cell = there.cell and back.redemption_id = there.redemption_id
          and back.kind = 'reversal' and back.leg = there.leg
      ) as is_live
    from transfer there
    join account payee on payee.id = there.payee_id
    where there.cell = p_cell and there.redemption_id = p_id
  ) t
  group by t.bearer_id, t.receiver_id
$$;
