-- finish_check: the last of a dry run: of rows about one person all but the first are rejected, and a complete file names
-- who leaves: the union's members that no row is about, whatever its verdict. Whoever bears the name of a row that
-- could not be read is not among them: it may have been about him ('kept'). Answers the counts by verdict, which become the
-- import's. Locks the import's row alone; safe to run twice.
create or replace function finish_check(p_import uuid) returns jsonb language plpgsql volatile
  set work_mem = '64MB' as $$
declare
  i member_import;
  v_leaving integer := 0;
  v_kept integer := 0;
  v_counts jsonb;
begin
  select * into strict i from member_import where id = p_import for update;
  -- Another worker has been faster.
  if i.state <> 'checking' then
    return i.counts;
  end if;
  with
    good as not materialized (
      select * from member_import_row where import_id = p_import and verdict <> 'rejected'),
    twice as (
      select g.row from good g
      join (
        select phone_hash, min(row) as first from good where phone_hash is not null
        group by phone_hash having count(*) > 1
      ) d on d.phone_hash = g.phone_hash and g.row > d.first
      union
      select g.row from good g
      join (
        select id_hash, min(row) as first from good where id_hash is not null
        group by id_hash having count(*) > 1
      ) d on d.id_hash = g.id_hash and g.row > d.first
      union
      select g.row from good g
      join (
        select member_id, min(row) as first from good where is_known
        group by member_id having count(*) > 1
      ) d on d.member_id = g.member_id and g.row > d.first)
  update member_import_row r set verdict = 'rejected', problem = 'duplicate_in_file'
  from twice where r.import_id = p_import and r.row = twice.row;

  if i.is_complete then
    delete from member_import_leaver where import_id = p_import;
    with
      gone as materialized (
        select m.id, m.name, a.union_id
        from trade_union u
        join affiliation a on a.union_id = u.id and a.ended_at is null
        join member m on m.cell = a.cell and m.id = a.member_id
        where u.path @> array[i.union_id]
          and not exists (
            select from member_import_row r
            where r.import_id = p_import and r.is_known and r.member_id = m.id)),
      unsure as materialized (
        select distinct name from member_import_row
        where import_id = p_import and verdict = 'rejected' and not is_known and name is not null),
      kept as (select count(*) as n from gone join unsure using (name)),
      leaving as (
        insert into member_import_leaver (import_id, member_id, union_id)
        select p_import, g.id, g.union_id from gone g
        where not exists (select from unsure where unsure.name = g.name)
        returning 1)
    select (select count(*) from leaving), (select n from kept) into v_leaving, v_kept;
  end if;

  select jsonb_build_object(
    'new', count(*) filter (where verdict = 'new'),
    'changed', count(*) filter (where verdict = 'changed'),
    'unchanged', count(*) filter (where verdict = 'unchanged'),
    'rejected', count(*) filter (where verdict = 'rejected'),
    'leaving', v_leaving, 'kept', v_kept)
  into v_counts from member_import_row where import_id = p_import;
  update member_import set counts = v_counts, state = 'checked', worked_until = null where id = p_import;
  return v_counts;
end
$$;
