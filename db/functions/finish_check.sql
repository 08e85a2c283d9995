-- finish_check: the last of a dry run: of rows about one person all but the first are rejected, and a complete file names
-- who leaves: the union's members that no row is about, whatever its verdict. Whoever bears the name of a row that
-- could not be read is not among them: it may have been about him ('kept'). Answers the counts by verdict, which become the
-- import's. Locks the import's row alone; safe to run twice. Nothing here joins two things that both grow with the file:
-- of a new import the planner knows nothing, takes it for one row, and would compare each row with each.
create or replace function finish_check(p_import uuid) returns jsonb language plpgsql volatile
  set work_mem = '64MB' as $$
declare
  i member_import;
  v_again integer[];
  v_leaving integer := 0;
  v_kept integer := 0;
  v_counts jsonb;
begin
  select * into strict i from member_import where id = p_import for update;
  -- Another worker has been faster.
  if i.state <> 'checking' then
    return i.counts;
  end if;
  v_again := array(
    select g.row
    from (
      select row,
        phone_hash is not null and row_number() over (partition by phone_hash order by row) > 1
          or id_hash is not null and row_number() over (partition by id_hash order by row) > 1
          or is_known and row_number() over (partition by is_known, member_id order by row) > 1 as is_again
      from member_import_row where import_id = p_import and verdict <> 'rejected'
    ) g
    where g.is_again
  );
  update member_import_row set verdict = 'rejected', problem = 'duplicate_in_file'
  where import_id = p_import and row = any(v_again);

  if i.is_complete then
    delete from member_import_leaver where import_id = p_import;
    with
      gone as (
        select s.id, max(s.union_id) as union_id
        from (
          select a.member_id as id, a.union_id
          from trade_union u
          join affiliation a on a.union_id = u.id and a.ended_at is null
          where u.path @> array[i.union_id]
          union all
          select member_id, null from member_import_row where import_id = p_import and is_known
        ) s
        group by s.id having count(*) = count(s.union_id)),
      judged as materialized (
        select g.id, g.union_id, m.name in (
          select r.name from member_import_row r
          where r.import_id = p_import and r.verdict = 'rejected' and not r.is_known and r.name is not null
        ) as is_unsure
        from gone g join member m on m.cell = (g.id & 63) and m.id = g.id),
      leaving as (
        insert into member_import_leaver (import_id, member_id, union_id)
        select p_import, id, union_id from judged where not is_unsure
        returning 1)
    select (select count(*) from leaving), (select count(*) from judged where is_unsure)
    into v_leaving, v_kept;
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
