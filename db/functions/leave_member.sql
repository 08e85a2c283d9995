-- leave_member: ends a member's open affiliation in a union or below it, from this moment on: the next scan refuses his card.
-- What he has claimed ends with it (end_claims). Locks the member, then what that locks. Answers the affiliation's union; null if he has none there.
create or replace function leave_member(p_member bigint, p_union integer, p_reason text)
returns integer language plpgsql volatile as $$
declare
  v_union integer;
begin
  perform from member m where m.cell = (p_member & 63) and m.id = p_member for no key update;
  update affiliation a set ended_at = greatest(clock(), a.started_at), end_reason = p_reason
  from trade_union t
  where a.cell = (p_member & 63) and a.member_id = p_member and a.ended_at is null
    and t.id = a.union_id and t.path @> array[p_union]
  returning a.union_id into v_union;
  update affiliation_transfer set state = 'void', decided_at = clock()
  where cell = (p_member & 63) and member_id = p_member and state = 'open' and v_union is not null;
  if v_union is not null then
    perform end_claims(array[p_member], 'member_left');
  end if;
  return v_union;
end
$$;
