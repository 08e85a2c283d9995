-- What the statements of a month say, from its days as they were added up: one for each partner and
-- the union that pays it, and one for each two unions of which one owes the other. `hash` is the sha256
-- of "tongka 1 <month> <kind> <union> <other union or partner>" and a line feed, and then of what each
-- union bears at each partner, ordered by partner, union and creditor: "<partner> <union> <creditor>
-- <lines> <charged fen> <returned fen> <hash>" and a line feed. That hash is over its days in order,
-- "<day> <hash>" and a line feed, as day_parts() says them. A plain read.
create or replace function month_statements(p_month date) returns table (
  kind text,
  union_id integer,
  other_id integer,
  partner_id integer,
  lines integer,
  redemptions integer,
  debit_fen bigint,
  credit_fen bigint,
  hash text
) language sql stable
set datestyle = 'ISO'
set jit = off
as $$
  with month_part as (
    select p.partner_id, p.union_id, p.creditor_id, sum(p.lines) as lines, sum(p.uses) as uses,
      sum(p.heads) as heads, sum(p.charged_fen) as charged_fen, sum(p.returned_fen) as returned_fen,
      encode(sha256(convert_to(
        string_agg(p.day || ' ' || p.hash || e'\n', '' order by p.day), 'UTF8')), 'hex') as hash
    from ledger_part p
    where p.day >= p_month and p.day < p_month + interval '1 month'
    group by p.partner_id, p.union_id, p.creditor_id
  ),
  part as materialized (
    select p.*, p.charged_fen - p.returned_fen as net_fen,
      p.partner_id || ' ' || p.union_id || ' ' || p.creditor_id || ' ' || p.lines || ' '
        || p.charged_fen || ' ' || p.returned_fen || ' ' || p.hash || e'\n' as said
    from month_part p
  ),
  due as (
    select 'partner' as kind, p.creditor_id as one, null::integer as other, p.partner_id,
      sum(p.lines) as lines, sum(p.heads) as uses, sum(p.net_fen) as debit_fen, 0 as credit_fen,
      string_agg(p.said, '' order by p.partner_id, p.union_id, p.creditor_id) as said
    from part p group by p.creditor_id, p.partner_id
    union all
    select 'pair', least(p.union_id, p.creditor_id), greatest(p.union_id, p.creditor_id), null,
      sum(p.lines), sum(p.uses),
      coalesce(sum(p.net_fen) filter (where p.union_id < p.creditor_id), 0),
      coalesce(sum(p.net_fen) filter (where p.union_id > p.creditor_id), 0),
      string_agg(p.said, '' order by p.partner_id, p.union_id, p.creditor_id)
    from part p where p.union_id <> p.creditor_id
    group by least(p.union_id, p.creditor_id), greatest(p.union_id, p.creditor_id)
  )
  select d.kind, d.one, d.other, d.partner_id, d.lines::integer, d.uses::integer, d.debit_fen::bigint,
    d.credit_fen::bigint,
    encode(sha256(convert_to(
      'tongka 1 ' || p_month || ' ' || d.kind || ' ' || d.one || ' ' || coalesce(d.other, d.partner_id)
        || e'\n' || d.said, 'UTF8')), 'hex')
  from due d
$$;
