-- What a union bears of what was booked in [p_from, p_to), in fen: what its two accounts paid, less what came back to
-- them. A plain read.
create or replace function borne_fen(p_union integer, p_from timestamptz, p_to timestamptz)
returns bigint language sql stable as $$
  select coalesce(sum(case when t.payer_id = a.id then t.amount_fen else -t.amount_fen end), 0)::bigint
  from account a
  join transfer t on a.id in (t.payer_id, t.payee_id)
  where a.union_id = p_union and t.at >= p_from and t.at < p_to
$$;
