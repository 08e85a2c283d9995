-- change_members: writes the rows of an import in (p_after, p_upto] that are about people who are known. Locks these members
-- in key order as every path does, and judges their rows again: one whose member or number is another's by now is rejected
-- ('changed_meanwhile'). Who is known takes what the row says and moves to its unit at one instant; whose phone changes must
-- sign in with the new one; who had his data deleted is a member again. The caller holds the import's row.
create or replace function change_members(p_import uuid, p_union integer, p_after integer, p_upto integer)
returns void language plpgsql volatile
-- A plan made once for any batch would read all members for a few.
set plan_cache_mode = force_custom_plan as $$
declare
  now timestamptz;
begin
  perform from member_import_row r
  join member m on m.cell = (r.member_id & 63) and m.id = r.member_id
  where r.import_id = p_import and r.row > p_after and r.row <= p_upto
    and r.is_known and r.verdict in ('new', 'changed')
  order by m.cell, m.id for no key update of m;
  now := clock();

  with
    known as (
      select r.row, r.member_id, r.phone_hash, r.id_hash, r.union_id, r.verdict, m.id_hash as present_id,
        a.started_at, t.path @> array[p_union] as is_ours
      from member_import_row r
      left join member m on m.cell = (r.member_id & 63) and m.id = r.member_id
      left join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
      left join trade_union t on t.id = a.union_id
      where r.import_id = p_import and r.row > p_after and r.row <= p_upto
        and r.is_known and r.verdict in ('new', 'changed'))
  update member_import_row r set verdict = 'rejected', problem = 'changed_meanwhile'
  from known k
  where r.import_id = p_import and r.row = k.row and (
    coalesce(k.is_ours, true) is false
    or (k.verdict = 'new') <> (k.started_at is null)
    or k.present_id <> k.id_hash
    or exists (
      select from member o
      where o.id <> k.member_id and (o.phone_hash = k.phone_hash or o.id_hash = k.id_hash)));

  with
    change as materialized (
      select r.*, m.phone_hash as was_phone, jsonb_build_object(
        'name', m.name, 'phoneHash', m.phone_hash, 'phoneCipher', encode(m.phone_cipher, 'hex'),
        'idHash', m.id_hash, 'idCipher', encode(m.id_cipher, 'hex'), 'bornOn', m.born_on,
        'tags', m.tags, 'familySize', m.family_size, 'erasedAt', m.erased_at,
        'erasedMark', encode(m.erased_mark, 'hex'), 'unionId', a.union_id) as was
      from member_import_row r
      join member m on m.cell = (r.member_id & 63) and m.id = r.member_id
      left join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
      where r.import_id = p_import and r.row > p_after and r.row <= p_upto
        and r.is_known and r.verdict in ('new', 'changed')),
    noted as (
      update member_import_row r set before = c.was
      from change c where r.import_id = p_import and r.row = c.row)
  update member m set
    name = c.name,
    erased_at = null,
    erased_mark = null,
    user_id = case when c.phone_hash <> c.was_phone then null else m.user_id end,
    phone_cipher = case
      when c.phone_hash is distinct from c.was_phone then coalesce(c.phone_cipher, m.phone_cipher)
      else m.phone_cipher
    end,
    phone_hash = coalesce(c.phone_hash, m.phone_hash),
    id_hash = coalesce(m.id_hash, c.id_hash),
    id_cipher = coalesce(m.id_cipher, c.id_cipher),
    born_on = coalesce(c.born_on, m.born_on),
    tags = coalesce(c.tags, m.tags),
    family_size = coalesce(c.family_size, m.family_size)
  from change c where m.cell = (c.member_id & 63) and m.id = c.member_id;

  update affiliation a
  set ended_at = greatest(now, a.started_at + interval '1 microsecond'), end_reason = '调整单位'
  from member_import_row r
  where r.import_id = p_import and r.row > p_after and r.row <= p_upto
    and r.is_known and r.verdict = 'changed'
    and a.cell = (r.member_id & 63) and a.member_id = r.member_id and a.ended_at is null
    and a.union_id <> r.union_id;

  insert into affiliation (cell, member_id, union_id, started_at)
  select (r.member_id & 63)::smallint, r.member_id, r.union_id, greatest(now, (
    select max(coalesce(f.ended_at, f.started_at)) from affiliation f
    where f.cell = (r.member_id & 63) and f.member_id = r.member_id
  ))
  from member_import_row r
  where r.import_id = p_import and r.row > p_after and r.row <= p_upto
    and r.is_known and r.verdict in ('new', 'changed')
    and not exists (
      select from affiliation f
      where f.cell = (r.member_id & 63) and f.member_id = r.member_id and f.ended_at is null);
end
$$;
