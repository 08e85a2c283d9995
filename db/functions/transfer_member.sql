-- transfer_member: carries out a transfer that was agreed: closes the affiliation and opens the next at one instant, under
-- the member's lock, which every redemption of his takes first. What he has used stays his, so his limits count it
-- after as before. Nothing is done, and the transfer is void, when he is not in the union that was asked any more.
-- Locks the member, then the transfer. Answers its state; null where it was decided before.
create or replace function transfer_member(p_transfer integer, p_by text, p_reason text)
returns text language plpgsql volatile as $$
declare
  t affiliation_transfer;
  v_at timestamptz;
begin
  select * into t from affiliation_transfer where id = p_transfer;
  perform from member m where m.cell = t.cell and m.id = t.member_id for no key update;
  select * into t from affiliation_transfer where id = p_transfer for update;
  if t.state <> 'open' then
    return null;
  end if;
  update affiliation a
  set ended_at = greatest(clock(), a.started_at + interval '1 microsecond'), end_reason = '转会'
  where a.cell = t.cell and a.member_id = t.member_id and a.ended_at is null
    and a.union_id = t.from_union_id
  returning a.ended_at into v_at;
  if v_at is null then
    update affiliation_transfer set state = 'void', decided_at = clock() where id = p_transfer;
    return 'void';
  end if;
  insert into affiliation (cell, member_id, union_id, started_at)
  values (t.cell, t.member_id, t.to_union_id, v_at);
  update affiliation_transfer set state = 'void', decided_at = clock()
  where cell = t.cell and member_id = t.member_id and state = 'open' and id <> p_transfer;
  update affiliation_transfer
  set state = 'done', decided_by = p_by, decision_reason = p_reason, decided_at = clock()
  where id = p_transfer;
  return 'done';
end
$$;
