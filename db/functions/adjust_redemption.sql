-- Brings what a redemption costs in all to `p_total_fen`, after the close of its month: books in the
-- open one what each of its payers has too much or too little, by the shares of the original legs that
-- nothing undid (split_by). Answers by how much, negative where it cost too little; 0 when it costs
-- that much already, and also when the original had no legs, or fewer fen. Called twice it does
-- it once. Locks the member, as every booking of his does.
create or replace function adjust_redemption(p_cell smallint, p_id uuid, p_total_fen bigint)
returns bigint language plpgsql as $$
declare
  now timestamptz;
  share record;
  weights bigint[];
  targets bigint[];
  next_leg smallint;
  returned bigint := 0;
begin
  perform from redemption r
  join member m on m.cell = r.cell and m.id = r.member_id
  where r.cell = p_cell and r.id = p_id
  for no key update of m;
  -- Whoever closes a month waits for this, so that the time below is of a month that is open.
  lock table transfer in row exclusive mode;
  now := clock();

  select array_agg(weight order by place, bearer_id, receiver_id) into weights
  from redemption_shares(p_cell, p_id);
  if p_total_fen > (select sum(w) from unnest(weights) w) is not false then
    return 0;
  end if;
  targets := split_by(weights, p_total_fen);
  select coalesce(max(leg), 0) into next_leg
  from transfer where cell = p_cell and redemption_id = p_id and kind = 'adjustment';

  for share in
    select s.*, s.net_fen - targets[row_number() over (order by s.place, s.bearer_id, s.receiver_id)]
      as excess
    from redemption_shares(p_cell, p_id) s
  loop
    continue when share.excess = 0;
    next_leg := next_leg + 1;
    returned := returned + share.excess;
    insert into transfer (
      cell, redemption_id, kind, leg, payer_id, payee_id, creditor_id, amount_fen, at
    )
    select p_cell, p_id, 'adjustment', next_leg,
      case when share.excess > 0 then share.receiver_id else share.bearer_id end,
      case when share.excess > 0 then share.bearer_id else share.receiver_id end,
      share.creditor_id, abs(share.excess), now;
  end loop;
  return returned;
end
$$;
