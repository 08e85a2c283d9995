-- decline_transfer: who was asked for a member, or he himself, says no. Locks the member, then the transfer, as
-- transfer_member does. Answers its state; null where it was decided before.
create or replace function decline_transfer(p_transfer integer, p_by text, p_reason text)
returns text language plpgsql volatile as $$
begin
  perform from affiliation_transfer t join member m on m.cell = t.cell and m.id = t.member_id
  where t.id = p_transfer for no key update of m;
  update affiliation_transfer
  set state = 'declined', decided_by = p_by, decision_reason = p_reason, decided_at = clock()
  where id = p_transfer and state = 'open';
  return case when found then 'declined' end;
end
$$;
