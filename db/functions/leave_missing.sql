-- leave_missing: after an import's rows are committed, ends the affiliations of up to p_limit members whom its complete
-- file no longer names, and who are still where the dry run met them; what they have claimed ends (end_claims). Locks the import's row, then those members in key
-- order. Answers how many were looked at; 0: all are done.
create or replace function leave_missing(p_import uuid, p_limit integer)
returns integer language plpgsql volatile as $$
declare
  v_members bigint[];
  v_left bigint[];
begin
  perform from member_import where id = p_import and state = 'committing' for update;
  if not found then
    return 0;
  end if;
  select array_agg(member_id) into v_members from (
    select member_id from member_import_leaver
    where import_id = p_import and ended_at is null
    order by member_id limit p_limit
  ) l;
  perform from member m
  where (m.cell, m.id) in (select (id & 63)::smallint, id from unnest(v_members) id)
  order by m.cell, m.id for no key update;
  with left_now as (
    update affiliation a set ended_at = greatest(clock(), a.started_at), end_reason = '不在完整名册中'
    from member_import_leaver l
    where l.import_id = p_import and l.member_id = any(v_members)
      and a.cell = (l.member_id & 63) and a.member_id = l.member_id and a.union_id = l.union_id
      and a.ended_at is null
    returning a.member_id, a.ended_at),
  listed as (
    update member_import_leaver l set ended_at = n.ended_at
    from left_now n where l.import_id = p_import and l.member_id = n.member_id
    returning l.member_id)
  select array_agg(member_id) into v_left from listed;
  perform end_claims(v_left, 'member_left');
  -- Whoever has gone elsewhere since is not this import's any more.
  delete from member_import_leaver
  where import_id = p_import and member_id = any(v_members) and ended_at is null;
  return coalesce(cardinality(v_members), 0);
end
$$;
