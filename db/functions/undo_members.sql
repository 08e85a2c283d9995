-- undo_members: takes back what an import did with its rows in (p_after, p_upto], and moves its `written` there; nothing if
-- another worker has been faster. Locks the import's row, then the members in key order. Who was made by it goes again,
-- unless he has a card (has_card) or used it, or anybody asked for him (was_used); who was changed gets back what he was,
-- and his unit from now on, unless he was changed again (changed_since), or had come back after he had his data deleted
-- and has a card (has_card). Those stay, and the row says why. Who had left before has left where he had; that he was
-- here in between is kept only if a card of his was good then; what he claimed meanwhile ends.
-- Answers whether this call did it.
create or replace function undo_members(p_import uuid, p_after integer, p_upto integer)
returns boolean language plpgsql volatile as $$
declare
  i member_import;
begin
  select * into strict i from member_import where id = p_import for update;
  if i.state <> 'undoing' or i.written <> p_after then
    return false;
  end if;
  perform from member_import_row r
  join member m on m.cell = (r.member_id & 63) and m.id = r.member_id
  where r.import_id = p_import and r.row > p_after and r.row <= p_upto and r.verdict in ('new', 'changed')
  order by m.cell, m.id for update of m;

  update member_import_row r
  set undone = case
    when m.id is null then 'changed_since'
    when not r.is_known then
      case
        when exists (select from card c where c.cell = m.cell and c.member_id = m.id) then 'has_card'
        when m.user_id is not null
          or exists (select from redemption d where d.cell = m.cell and d.member_id = m.id)
          or exists (select from claim q where q.cell = m.cell and q.member_id = m.id)
          or exists (select from proxy p where p.cell = m.cell and p.member_id = m.id)
          or exists (
            select from affiliation_transfer t where t.cell = m.cell and t.member_id = m.id)
          then 'was_used'
        when a.union_id is distinct from r.union_id or m.name <> r.name
          or m.phone_hash is distinct from r.phone_hash or m.id_hash is distinct from r.id_hash
          then 'changed_since'
        else 'undone'
      end
    when r.before ->> 'erasedAt' is not null and exists (
      select from card c where c.cell = m.cell and c.member_id = m.id and c.status = 'live')
      then 'has_card'
    when a.union_id is distinct from r.union_id or m.name <> r.name
      or m.phone_hash is distinct from coalesce(r.phone_hash, m.phone_hash)
      or m.born_on is distinct from coalesce(r.born_on, m.born_on)
      or m.tags <> coalesce(r.tags, m.tags)
      or m.family_size <> coalesce(r.family_size, m.family_size)
      or exists (
        select from member o where o.id <> m.id and o.phone_hash = r.before ->> 'phoneHash')
      then 'changed_since'
    else 'undone'
  end
  from member_import_row w
  left join member m on m.cell = (w.member_id & 63) and m.id = w.member_id
  left join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
  where w.import_id = p_import and w.row > p_after and w.row <= p_upto and w.verdict in ('new', 'changed')
    and r.import_id = w.import_id and r.row = w.row;

  delete from affiliation a using member_import_row r
  where r.import_id = p_import and r.row > p_after and r.row <= p_upto and r.undone = 'undone'
    and not r.is_known and a.cell = (r.member_id & 63) and a.member_id = r.member_id;
  delete from member m using member_import_row r
  where r.import_id = p_import and r.row > p_after and r.row <= p_upto and r.undone = 'undone'
    and not r.is_known and m.cell = (r.member_id & 63) and m.id = r.member_id;

  update member m set
    name = r.before ->> 'name',
    user_id = case when m.phone_hash is distinct from r.before ->> 'phoneHash' then null else m.user_id end,
    phone_hash = r.before ->> 'phoneHash',
    phone_cipher = decode(r.before ->> 'phoneCipher', 'hex'),
    id_hash = r.before ->> 'idHash',
    id_cipher = decode(r.before ->> 'idCipher', 'hex'),
    born_on = (r.before ->> 'bornOn')::date,
    tags = array(select jsonb_array_elements_text(r.before -> 'tags')),
    family_size = (r.before ->> 'familySize')::smallint,
    erased_at = (r.before ->> 'erasedAt')::timestamptz,
    erased_mark = decode(r.before ->> 'erasedMark', 'hex')
  from member_import_row r
  where r.import_id = p_import and r.row > p_after and r.row <= p_upto and r.undone = 'undone'
    and r.is_known and m.cell = (r.member_id & 63) and m.id = r.member_id;

  delete from affiliation a using member_import_row r
  where r.import_id = p_import and r.row > p_after and r.row <= p_upto and r.undone = 'undone'
    and r.is_known and r.before ->> 'unionId' is null
    and a.cell = (r.member_id & 63) and a.member_id = r.member_id and a.ended_at is null
    and not exists (
      select from card c
      where c.cell = a.cell and c.member_id = a.member_id
        and (c.ended_at is null or c.ended_at >= a.started_at));
  update affiliation a
  set ended_at = greatest(clock(), a.started_at + interval '1 microsecond'), end_reason = '导入已撤销'
  from member_import_row r
  where r.import_id = p_import and r.row > p_after and r.row <= p_upto and r.undone = 'undone'
    and r.is_known and a.cell = (r.member_id & 63) and a.member_id = r.member_id and a.ended_at is null
    and a.union_id is distinct from (r.before ->> 'unionId')::integer;
  insert into affiliation (cell, member_id, union_id, started_at)
  select a.cell, a.member_id, (r.before ->> 'unionId')::integer, max(a.ended_at)
  from member_import_row r
  join affiliation a on a.cell = (r.member_id & 63) and a.member_id = r.member_id
  where r.import_id = p_import and r.row > p_after and r.row <= p_upto and r.undone = 'undone'
    and r.is_known and r.before ->> 'unionId' is not null
  group by a.cell, a.member_id, r.before
  having count(*) filter (where a.ended_at is null) = 0;
  -- His newest affiliation is the one he had left, so that he is that union's to see and to bring back.
  insert into affiliation (cell, member_id, union_id, started_at, ended_at, end_reason)
  select ended.cell, ended.member_id, was.union_id, ended.ended_at, ended.ended_at, was.end_reason
  from member_import_row r
  join affiliation ended on ended.cell = (r.member_id & 63) and ended.member_id = r.member_id
  cross join lateral (
    select f.union_id, f.end_reason from affiliation f
    where f.cell = ended.cell and f.member_id = ended.member_id and f.started_at < ended.started_at
    order by f.started_at desc limit 1
  ) was
  where r.import_id = p_import and r.row > p_after and r.row <= p_upto and r.undone = 'undone'
    and r.is_known and r.before ->> 'unionId' is null and ended.end_reason = '导入已撤销'
    and ended.started_at = (
      select max(f.started_at) from affiliation f
      where f.cell = ended.cell and f.member_id = ended.member_id);

  perform end_claims(array(
    select r.member_id from member_import_row r
    where r.import_id = p_import and r.row > p_after and r.row <= p_upto and r.undone = 'undone'
      and r.is_known and not exists (
        select from affiliation a
        where a.cell = (r.member_id & 63) and a.member_id = r.member_id and a.ended_at is null)
  ), 'member_left');

  update member_import set written = p_upto where id = p_import;
  return true;
end
$$;
