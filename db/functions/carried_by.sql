-- The held back lines that the invoice of a partner's statement carries: of the other statements of
-- this union and partner, released after their own invoice, and carried by none yet. A line that was
-- adjusted comes with no statement of a month before the one that has the adjustment, until that has
-- its invoice: what is paid and what comes back of it meet, and that statement is sure to come. A
-- plain read.
create or replace function carried_by(p_statement integer)
returns table (suspension_id integer, amount_fen bigint) language sql stable as $$
  select x.id, x.amount_fen
  from statement s
  join statement held on (held.union_id, held.partner_id) = (s.union_id, s.partner_id) and held.id <> s.id
  join suspension x on x.statement_id = held.id
  where s.id = p_statement and x.released_at is not null and x.carried_to is null
    and not exists (
      select from payable_legs(day_begin((s.month + interval '1 month')::date), 'infinity') l
      where (l.cell, l.redemption_id, l.kind) = (x.cell, x.redemption_id, 'adjustment')
        and not exists (
          select from statement later
          where (later.month, later.union_id, later.partner_id)
              = (month_of(l.at), s.union_id, s.partner_id)
            and later.invoiced_at is not null))
$$;
