-- The lines of statements: the legs booked in [p_from, p_to) that a partner is paid by, into its
-- payable account (charged) or out of it (returned), with the union that bears the leg and the one it
-- is owed to. What a member pays at the counter and what the partner bears are none. Inlinable; reads
-- the ledger by time.
create or replace function payable_legs(p_from timestamptz, p_to timestamptz) returns table (
  cell smallint,
  redemption_id uuid,
  kind text,
  leg smallint,
  partner_id integer,
  union_id integer,
  creditor_id integer,
  is_charge boolean,
  amount_fen bigint,
  at timestamptz
) language sql stable as $$
  select t.cell, t.redemption_id, t.kind, t.leg, coalesce(payee.partner_id, payer.partner_id),
    coalesce(payer.union_id, payee.union_id), t.creditor_id, payee.kind = 'payable', t.amount_fen, t.at
  from transfer t
  join account payer on payer.id = t.payer_id
  join account payee on payee.id = t.payee_id
  where t.at >= p_from and t.at < p_to and 'payable' in (payer.kind, payee.kind)
$$;
