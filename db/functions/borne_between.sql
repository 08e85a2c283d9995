-- What each union bears of what was booked in [p_from, p_to), by local day, off the ledger itself: what its two accounts
-- paid, less what came back. One row a leg, not added up. A plain read, of the pages of that time alone.
create or replace function borne_between(p_from timestamptz, p_to timestamptz)
returns table (union_id integer, day date, fen bigint)
language sql stable as $$
  select a.union_id, local_day(t.at),
    case when a.id = t.payer_id then t.amount_fen else -t.amount_fen end
  from transfer t
  cross join lateral (values (t.payer_id), (t.payee_id)) side (account_id)
  join account a on a.id = side.account_id and a.union_id is not null
  where t.at >= p_from and t.at < p_to
$$;
