-- What a partner is paid by unions for a redemption, or was until it was undone, in fen: price times
-- quantity without what the member paid at the counter and what the partner bore; but for one use too
-- many what the ledger says, which is nothing where the partner bears it. What was adjusted after the
-- close is not in it. Inlinable; looks at the ledger for those alone.
create or replace function paid_fen(r redemption) returns bigint
language sql stable as $$
  select case
    when r.variance is null then r.price_fen::bigint * r.quantity - r.co_payment_fen - r.discount_fen
    else variance_paid_fen(r.cell, r.id, r.reversed_at is not null)
  end
$$;
