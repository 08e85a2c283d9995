-- check_members: takes rows of an import, as they were read, into its dry run, each with its verdict. One element of every
-- array is one row; p_tags holds array literals, p_cipher hex. A row is about the member its ID number names, else the one
-- its phone names, else who has had his data deleted and bore this phone and name (erased_mark()), unless the ID numbers
-- differ. Problems in the order of `rowProblems`; of what was wrong in the row itself (`p_problem`) nothing more is
-- asked, but whose row it is still stands, so that he is not taken for gone. A unit is looked for below the import's
-- union alone, by name (brackets of either width), below the branch and the district the row names; a union without
-- units below it stands for itself, and a member of the union's who has no unit in the row stays where he is. What the
-- row leaves out changes nothing. Locks nothing; enter_members() judges again under its locks.
create or replace function check_members(
  p_import uuid, p_rows integer[], p_problem text[], p_ids bigint[], p_name text[],
  p_phone_hash text[], p_phone_cipher text[], p_id_hash text[], p_id_cipher text[],
  p_born_on date[], p_tags text[], p_family smallint[],
  p_unit text[], p_branch text[], p_district text[]
) returns void language sql volatile as $$
  with
    scope as materialized (
      select u.id, u.path, u.level from member_import i join trade_union u on u.id = i.union_id
      where i.id = p_import),
    r as materialized (
      select * from unnest(
        p_rows, p_problem, p_ids, p_name, p_phone_hash, p_phone_cipher, p_id_hash, p_id_cipher,
        p_born_on, p_tags, p_family, p_unit, p_branch, p_district
      ) as r (
        row, problem, new_id, name, phone_hash, phone_cipher, id_hash, id_cipher,
        born_on, tags, family_size, unit, branch, district
      )),
    unit as materialized (
      select w.unit, w.branch, w.district, count(distinct e.id) as found, min(e.id) as id
      from (select distinct unit, branch, district from r where unit is not null) w
      left join (
        -- Looked for by one column, so that thousands of units in the file meet all of a city's in one pass.
        select e.id, translate(n.name, '（）', '()') as name, b.name_zh as branch_zh, b.name_en as branch_en,
          d.name_zh as district_zh, d.district_code
        from scope s
        join trade_union e on e.path @> array[s.id] and e.level = 4
        join trade_union b on b.id = e.parent_id
        join trade_union d on d.id = e.district_id
        cross join lateral (values (e.name_zh), (e.name_en)) n (name)
      ) e on e.name = translate(w.unit, '（）', '()')
        and (w.branch is null or w.branch in (e.branch_zh, e.branch_en))
        and (w.district is null or w.district in (e.district_code, e.district_zh)
          or w.district || '总工会' = e.district_zh)
      group by w.unit, w.branch, w.district),
    met as (
      select r.*, m.id as member_id, m as known, a.union_id as present, a.is_ours,
        by_id.id as named_by_id, by_phone.id as named_by_phone, by_phone.id_hash as phone_id_hash,
        u.found, coalesce(u.id, case when s.level = 4 then s.id end, case when a.is_ours then a.union_id end)
          as union_id
      from r
      join scope s on true
      left join member by_id on by_id.id_hash = r.id_hash
      left join member by_phone on by_phone.phone_hash = r.phone_hash
      left join lateral (
        select g.cell, g.id from member g
        where g.erased_mark = erased_mark(r.phone_hash, r.name) and coalesce(g.id_hash = r.id_hash, true)
          and by_id.id is null and by_phone.id is null
        order by g.erased_at desc limit 1
      ) marked on true
      left join member m on m.cell = coalesce(by_id.cell, by_phone.cell, marked.cell)
        and m.id = coalesce(by_id.id, by_phone.id, marked.id)
      left join lateral (
        select f.union_id, t.path @> array[s.id] as is_ours
        from affiliation f join trade_union t on t.id = f.union_id
        where f.cell = m.cell and f.member_id = m.id and f.ended_at is null
      ) a on true
      left join unit u on u.unit = r.unit and u.branch is not distinct from r.branch
        and u.district is not distinct from r.district),
    judged as (
      select *,
        case
          when problem is not null then problem
          when unit is not null and found = 0 then 'unit_unknown'
          when unit is not null and found > 1 then 'unit_ambiguous'
          when named_by_id is null and id_hash is not null and phone_id_hash is not null
            then 'id_number_differs'
          when named_by_id <> named_by_phone then 'phone_of_another'
          -- A number may be given out anew: by it alone nobody takes the place of one who has left.
          when present is null and named_by_id is null and named_by_phone is not null and (known).name <> name
            then 'phone_of_another'
          when not is_ours then 'member_elsewhere'
          when union_id is null then 'unit_missing'
        end as reason
      from met)
  insert into member_import_row (
    import_id, row, verdict, problem, is_known, member_id, union_id, name, phone_hash,
    phone_cipher, id_hash, id_cipher, born_on, tags, family_size
  )
  select p_import, row,
    case
      when reason is not null then 'rejected'
      when present is null then 'new'
      when (known).name <> name or union_id <> present
        or (known).phone_hash is distinct from coalesce(phone_hash, (known).phone_hash)
        or (known).id_cipher is null and id_hash is not null
        or (known).born_on is distinct from coalesce(born_on, (known).born_on)
        or (known).tags <> coalesce(tags::text[], (known).tags)
        or (known).family_size <> coalesce(family_size, (known).family_size)
        or (known).erased_at is not null then 'changed'
      else 'unchanged'
    end,
    reason, member_id is not null, coalesce(member_id, new_id), union_id, name, phone_hash,
    decode(phone_cipher, 'hex'), id_hash, decode(id_cipher, 'hex'), born_on, tags::text[], family_size
  from judged
$$;
