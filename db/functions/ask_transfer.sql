-- ask_transfer: a union asks for a member of another one. He, his union or its silence of seven days
-- agrees. A union that the member himself declined does not ask him again for thirty days. Answers
-- the transfer's id; null with `again`, from when it may be asked, where he declined; null alone
-- where it is asked already. Locks the member, as whoever decides does: an answer that is just being
-- given is heard.
create or replace function ask_transfer(
  p_member bigint, p_from integer, p_to integer, p_by text, p_reason text
) returns table (id integer, again timestamptz) language plpgsql volatile as $$
#variable_conflict use_column
declare
  now timestamptz;
  free_at timestamptz;
begin
  perform from member m where m.cell = (p_member & 63) and m.id = p_member for no key update;
  now := clock();
  select max(t.decided_at) + interval '30 days' into free_at from affiliation_transfer t
  where t.cell = (p_member & 63) and t.member_id = p_member and t.to_union_id = p_to
    and t.state = 'declined' and t.decided_by = 'member';
  if free_at > now then
    return query select null::integer, free_at;
    return;
  end if;
  return query
  insert into affiliation_transfer (
    cell, member_id, from_union_id, to_union_id, asked_by, reason, asked_at, agrees_at)
  values ((p_member & 63)::smallint, p_member, p_from, p_to, p_by, p_reason, now, now + interval '7 days')
  on conflict (cell, member_id, to_union_id) where state = 'open' do nothing
  returning id, null::timestamptz;
end
$$;
