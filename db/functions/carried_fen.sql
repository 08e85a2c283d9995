-- What the next invoice of a partner carries with it from earlier ones of this union, in fen: lines
-- released after the invoice that they were suspended from, and not paid since. Those of
-- `p_statement` itself are none. A plain read.
create or replace function carried_fen(p_union integer, p_partner integer, p_statement integer)
returns bigint language sql stable as $$
  select coalesce(sum(x.amount_fen), 0)::bigint
  from suspension x
  join statement s on s.id = x.statement_id
  where s.union_id = p_union and s.partner_id = p_partner and s.id <> p_statement
    and x.released_at is not null and x.carried_to is null
$$;
