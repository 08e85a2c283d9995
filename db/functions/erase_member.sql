-- Deletes what is stored about a member, as far as the books allow. At once and for good: his name,
-- phone, ID number, birthday, tags, proxies, cards, what he wrote where he claimed, and, unless he also works here as an operator or
-- an officer, his account with its sessions; his membership ends, with what he has claimed, and nobody asks for him any more. What stays without a name: the row
-- itself, its affiliations, claims and redemptions, which are what the unions settled, and the hash of his ID
-- number until forget_erased(). A file that his union is importing is the union's: it goes a day after it
-- ended, and undoing it brings nothing of him back. Locks the member, then what end_claims locks, then the user.
create or replace function erase_member(p_cell smallint, p_member bigint) returns void
language plpgsql volatile as $$
declare
  m member;
begin
  select * into m from member where cell = p_cell and id = p_member for update;
  perform end_proxies(array(
    select p.id from proxy p
    where p.cell = p_cell and p.member_id = p_member and p.ended_at is null
  ));
  update proxy set label = '' where cell = p_cell and member_id = p_member;
  update card set status = 'lost', ended_at = clock()
  where cell = p_cell and member_id = p_member and status = 'live';
  update card set phone_label = '' where cell = p_cell and member_id = p_member;
  update affiliation set ended_at = greatest(started_at, clock()), end_reason = 'erased'
  where cell = p_cell and member_id = p_member and ended_at is null;
  update affiliation_transfer set state = 'void', decided_at = clock()
  where cell = p_cell and member_id = p_member and state = 'open';
  perform end_claims(array[p_member], 'member_left');
  -- What he wrote: answers, what a room was for, and what was written to him about it.
  update session s set title_zh = '', title_en = ''
  from claim c
  where c.cell = p_cell and c.member_id = p_member and s.id = c.session_id and s.is_room;
  update claim set answers = '{}', reason = null
  where cell = p_cell and member_id = p_member and (answers <> '{}' or reason is not null);
  update mark set lift_reason = ''
  where cell = p_cell and member_id = p_member and lift_reason is not null;
  delete from inbox_mark where cell = p_cell and member_id = p_member;
  update member set
    name = '＊', user_id = null, phone_hash = null, phone_cipher = null, id_cipher = null,
    born_on = null, tags = '{}', family_size = 1, erased_at = clock(),
    erased_mark = erased_mark(m.phone_hash, m.name)
  where cell = p_cell and id = p_member;
  delete from one_time_code where phone_hash = m.phone_hash;

  if m.user_id is null
    or exists (select from operator o where o.user_id = m.user_id)
    or exists (select from officer f where f.user_id = m.user_id)
  then
    return;
  end if;
  perform end_sessions(m.user_id);
  perform end_proxies(array(
    select p.id from proxy p where p.user_id = m.user_id and p.ended_at is null
  ));
  delete from auth_account where user_id = m.user_id;
  update auth_user set
    name = '', email = m.user_id || '@m.invalid', image = null, phone_number = null
  where id = m.user_id;
end
$$;
