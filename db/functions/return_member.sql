-- return_member: takes back a member's leaving: his last affiliation goes on as if it had never ended. Only where it was in
-- the union or below it, he is in no other by now, and has not had his data deleted. Locks the member. Answers the
-- affiliation's union, else null.
create or replace function return_member(p_member bigint, p_union integer)
returns integer language plpgsql volatile as $$
declare
  v_union integer;
begin
  perform from member m where m.cell = (p_member & 63) and m.id = p_member for no key update;
  update affiliation a set ended_at = null, end_reason = null
  from trade_union t
  where a.cell = (p_member & 63) and a.member_id = p_member and a.ended_at is not null
    and a.started_at = (
      select max(f.started_at) from affiliation f
      where f.cell = a.cell and f.member_id = a.member_id)
    and not exists (
      select from member m
      where m.cell = a.cell and m.id = a.member_id and m.erased_at is not null)
    and t.id = a.union_id and t.path @> array[p_union]
  returning a.union_id into v_union;
  return v_union;
end
$$;
