-- The claim of that id, if the caller acts for its member (may_act_for) in a session that counts; null
-- otherwise, whether there is none or it is another's: an officer for the members that are his union's today. A plain read.
create or replace function own_claim(
  p_id uuid,
  p_user text,
  p_session_at timestamptz,
  p_second_factor_at timestamptz
) returns claim language sql stable as $$
  select c
  from claim c
  join member m on m.cell = c.cell and m.id = c.member_id
  join auth_user u on u.id = p_user and session_counts(u, p_session_at)
  left join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
  left join trade_union t on t.id = a.union_id
  where c.cell = cell_of(p_id) and c.id = p_id
    and may_act_for(p_user, p_session_at, p_second_factor_at, m, t.path)
$$;
