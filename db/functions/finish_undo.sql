-- finish_undo: lets up to p_limit members come back whom the import's complete file had left out, where nothing has taken
-- their place and they have not had their data deleted; the others stay on its list, without the instant they left by
-- it. When none is left to judge, the undo is finished and the import's counts say what it came to, `notBack` how many of
-- the not undone are on that list. Locks the import's row, then the members. Answers whether it is finished.
create or replace function finish_undo(p_import uuid, p_limit integer)
returns boolean language plpgsql volatile as $$
declare
  i member_import;
  v_members bigint[];
begin
  select * into strict i from member_import where id = p_import for update;
  if i.state <> 'undoing' then
    return true;
  end if;
  select array_agg(member_id) into v_members from (
    select member_id from member_import_leaver
    where import_id = p_import and ended_at is not null
    order by member_id limit p_limit
  ) l;
  if v_members is not null then
    perform from member m
    where (m.cell, m.id) in (select (id & 63)::smallint, id from unnest(v_members) id)
    order by m.cell, m.id for no key update;
    with back as (
      update affiliation a set ended_at = null, end_reason = null
      from member_import_leaver l
      where l.import_id = p_import and l.member_id = any(v_members)
        and a.cell = (l.member_id & 63) and a.member_id = l.member_id
        and a.union_id = l.union_id and a.ended_at = l.ended_at
        and not exists (
          select from member m
          where m.cell = a.cell and m.id = a.member_id and m.erased_at is not null)
        and not exists (
          select from affiliation f
          where f.cell = a.cell and f.member_id = a.member_id and f.started_at > a.started_at)
      returning a.member_id),
    gone as (
      delete from member_import_leaver l using back
      where l.import_id = p_import and l.member_id = back.member_id)
    update member_import set counts = counts || jsonb_build_object(
      'undone', coalesce((counts ->> 'undone')::integer, 0) + b.back,
      'notUndone', coalesce((counts ->> 'notUndone')::integer, 0) + cardinality(v_members) - b.back,
      'notBack', coalesce((counts ->> 'notBack')::integer, 0) + cardinality(v_members) - b.back)
    from (select count(*) as back from back) b
    where id = p_import;
    update member_import_leaver set ended_at = null
    where import_id = p_import and member_id = any(v_members);
    return false;
  end if;
  update member_import m set
    state = 'undone', ended_at = clock(), worked_until = null,
    counts = m.counts || jsonb_build_object(
      'undone', coalesce((m.counts ->> 'undone')::integer, 0) + r.undone,
      'notUndone', coalesce((m.counts ->> 'notUndone')::integer, 0) + r.kept)
  from (
    select count(*) filter (where w.undone = 'undone') as undone,
      count(*) filter (where w.undone <> 'undone') as kept
    from member_import_row w where w.import_id = p_import
  ) r
  where m.id = p_import;
  return true;
end
$$;
