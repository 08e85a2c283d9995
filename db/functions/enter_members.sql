-- enter_members: commits the rows of an import in (p_after, p_upto], and moves its `written` there; nothing if another
-- worker has been faster. Locks the import's row; new people become members of their unit from now on, and one whose number
-- somebody has taken since, or who has come and had his data deleted since, is rejected ('changed_meanwhile'). Rows about people who are known are change_members()'s. Answers
-- whether this call did it.
create or replace function enter_members(p_import uuid, p_after integer, p_upto integer)
returns boolean language plpgsql volatile
set work_mem = '32MB' as $$
declare
  i member_import;
  now timestamptz;
  v_new integer;
  v_known integer;
  v_made integer;
begin
  select * into strict i from member_import where id = p_import for update;
  if i.state <> 'committing' or i.written <> p_after then
    return false;
  end if;
  select count(*) filter (where verdict = 'new' and not is_known),
    count(*) filter (where verdict in ('new', 'changed') and is_known)
  into v_new, v_known from member_import_row
  where import_id = p_import and row > p_after and row <= p_upto;
  if v_known > 0 then
    perform change_members(p_import, i.union_id, p_after, p_upto);
  end if;
  now := clock();

  -- In key order: neighbours share a page of the index, which is written once for all of them.
  insert into member (
    cell, id, name, phone_hash, phone_cipher, id_hash, id_cipher, born_on, family_size, tags, created_at)
  select (member_id & 63)::smallint, member_id, name, phone_hash, phone_cipher, id_hash, id_cipher,
    born_on, coalesce(family_size, 1), coalesce(tags, '{}'), now
  from member_import_row r
  where import_id = p_import and row > p_after and row <= p_upto and verdict = 'new' and not is_known
    and not exists (
      -- That it is not null follows, but lets a hash of all of them be made from their own small index.
      select from member g
      where g.erased_mark is not null and g.erased_mark = erased_mark(r.phone_hash, r.name)
        and coalesce(g.id_hash = r.id_hash, true))
  order by member_id & 63, member_id
  on conflict do nothing;
  get diagnostics v_made = row_count;
  if v_made < v_new then
    update member_import_row r set verdict = 'rejected', problem = 'changed_meanwhile'
    where r.import_id = p_import and r.row > p_after and r.row <= p_upto
      and r.verdict = 'new' and not r.is_known
      and not exists (
        select from member m where m.cell = (r.member_id & 63) and m.id = r.member_id);
  end if;
  insert into affiliation (cell, member_id, union_id, started_at)
  select (member_id & 63)::smallint, member_id, union_id, now
  from member_import_row
  where import_id = p_import and row > p_after and row <= p_upto and verdict = 'new' and not is_known
  order by member_id & 63, member_id;

  update member_import set written = p_upto where id = p_import;
  return true;
end
$$;
