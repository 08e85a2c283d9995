-- Everything the caller may act as at this moment (decision 16): one row a membership with an open affiliation (member),
-- an unsuspended post (operator, manager) and an office held (offices_held), whose role may be a deputy's. A session that
-- ended, by itself, by "sign out everywhere" or because there is no such user, has no row; an office has one only in a
-- session that passed its second factor. outlet_ids: where an operator is posted, all outlets of a manager's partner,
-- closed ones included. union_path is the way from the city to the union of membership or office; an officer's scope is
-- every union whose own path contains union_id. Inlinable, so that a route joins it in its one statement; reads only.
create or replace function authority(
  p_user text,
  p_session_at timestamptz,
  p_second_factor_at timestamptz
) returns table (
  role text,
  union_id int,
  partner_id int,
  operator_id int,
  outlet_ids int[],
  cell smallint,
  member_id bigint,
  district_id int,
  union_path int[]
) language sql stable parallel safe rows 2 as $$
  select 'member', a.union_id, null::int, null::int, null::int[], m.cell, m.id, t.district_id, t.path
  from auth_user u
  join member m on m.user_id = u.id
  join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
  join trade_union t on t.id = a.union_id
  where u.id = p_user and session_counts(u, p_session_at)
  union all
  select o.role, null, o.partner_id, o.id,
    array(
      select l.id from outlet l
      where l.partner_id = o.partner_id
        and (o.role = 'manager'
          or exists (select from operator_outlet p where p.operator_id = o.id and p.outlet_id = l.id))
      order by l.id
    ),
    null, null, null, null
  from auth_user u
  join operator o on o.user_id = u.id and o.suspended_at is null
  where u.id = p_user and session_counts(u, p_session_at)
  union all
  select f.role, f.union_id, null, null, null, null, null, t.district_id, t.path
  from auth_user u
  cross join offices_held(u.id) f
  join trade_union t on t.id = f.union_id
  where u.id = p_user and session_counts(u, p_session_at)
    and p_second_factor_at is not null
$$;
