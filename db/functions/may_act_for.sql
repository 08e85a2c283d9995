-- Whether a user acts for a member at this moment: it is he himself, a proxy of his who said yes, or an
-- officer over his union who keeps its members. A session that ended acts for nobody. A plain read.
create or replace function may_act_for(
  p_user text,
  p_session_at timestamptz,
  p_second_factor_at timestamptz,
  m member,
  p_union_path integer[]
) returns boolean language sql stable as $$
  -- Who has no phone is nobody's user, which is not the same as anybody's.
  select coalesce(m.user_id = p_user, false)
    or exists (
      select from proxy p
      where p.cell = m.cell and p.member_id = m.id and p.user_id = p_user
        and p.accepted_at is not null and p.ended_at is null and (p.ends_at > clock()) is not false
    )
    or exists (
      select from authority(p_user, p_session_at, p_second_factor_at) f
      where role_may(f.role, 'members') and f.union_id = any (p_union_path)
    )
$$;
