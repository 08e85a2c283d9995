-- What the statements of a closed month and the ledger contradict each other in (I15): one row a
-- contradiction, none when all is well. Computes everything anew from the ledger. Reads only.
create or replace function statement_findings(p_month date) returns table (finding text, subject text)
language sql stable as $$
  select 'a day is not what the ledger says', day.at::date::text
  from generate_series(p_month::timestamp, p_month + interval '1 month - 1 day', '1 day') as day (at)
  where exists (
    (select * from day_parts(day.at::date) except select * from ledger_part where day = day.at::date)
    union all
    (select * from ledger_part where day = day.at::date except select * from day_parts(day.at::date))
  )
  union all
  select 'a statement is not what its days say',
    coalesce('statement ' || s.id, 'no statement of union ' || due.union_id)
  from month_statements(p_month) due
  full join (select * from statement where month = p_month) s
    on (s.kind, s.union_id) = (due.kind, due.union_id)
    and (s.other_id, s.partner_id) is not distinct from (due.other_id, due.partner_id)
  where (s.lines, s.redemptions, s.debit_fen, s.credit_fen, s.hash)
    is distinct from (due.lines, due.redemptions, due.debit_fen, due.credit_fen, due.hash)
  union all
  select 'a month is not what its statements say', p.month::text
  from period p
  where p.month = p_month and p.state = 'closed' and p.hash is distinct from (
    select encode(sha256(convert_to(coalesce(string_agg(
      s.kind || ' ' || s.union_id || ' ' || coalesce(s.other_id, s.partner_id) || ' ' || s.hash || e'\n',
      '' order by s.kind collate "C", s.union_id, s.other_id, s.partner_id
    ), ''), 'UTF8')), 'hex')
    from statement s where s.month = p_month
  )
$$;
