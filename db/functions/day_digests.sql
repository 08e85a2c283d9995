-- What was booked on one day (Asia/Shanghai) at the outlets of each district: how many rows, and the sha256, in
-- hexadecimal, over them, each a JSON array and a line feed, in the order of their text: the uses with everything that
-- never changes in them, what was undone, and the legs of the ledger. One sort of one day, whatever else there is. A plain read.
create or replace function day_digests(p_day date) returns table (union_id integer, rows integer, hash text)
language sql stable
set jit = off
as $$
  with booked as (
    select r.outlet_id, jsonb_build_array('use', r.id, r.member_id, r.card_number, r.jti, r.benefit_id,
      r.outlet_id, r.operator_id, r.allocation_id, r.device_id, r.lease_id, r.union_id, r.is_topped, r.quantity,
      r.member_left, r.price_fen, case when r.device_id is null then r.co_payment_fen end,
      case when r.device_id is null then r.discount_fen end, extract(epoch from r.at),
      extract(epoch from r.booked_at))::text as line
    from redemption r
    where r.booked_at >= day_begin(p_day) and r.booked_at < day_begin(p_day + 1)
    union all
    select r.outlet_id, jsonb_build_array('undone', v.redemption_id, v.id, v.user_id, v.reason,
      extract(epoch from v.at))::text
    from reversal v join redemption r on r.cell = v.cell and r.id = v.redemption_id
    where v.at >= day_begin(p_day) and v.at < day_begin(p_day + 1)
    union all
    select r.outlet_id, jsonb_build_array('leg', t.redemption_id, t.kind, t.leg, t.payer_id, t.payee_id,
      t.creditor_id, t.amount_fen, extract(epoch from t.at))::text
    from transfer t join redemption r on r.cell = t.cell and r.id = t.redemption_id
    where t.at >= day_begin(p_day) and t.at < day_begin(p_day + 1)
  )
  select o.district_id, count(*)::integer,
    encode(sha256(convert_to(string_agg(b.line || e'\n', '' order by b.line collate "C"), 'UTF8')), 'hex')
  from booked b join outlet o on o.id = b.outlet_id
  group by o.district_id
$$;
