-- Ends sessions of a user one by one and answers how many: the one of this id, or without it all but the one that began at
-- p_kept. They stop counting in any later statement, even where a signed cookie is still fresh; sweep() forgets their
-- instants when no such cookie can be left. Locks the user's row.
create or replace function end_some_sessions(p_user text, p_session text, p_kept timestamptz)
returns integer language plpgsql volatile as $$
declare
  ended timestamptz[];
begin
  perform from auth_user where id = p_user for no key update;
  with gone as (
    delete from auth_session s
    where s.user_id = p_user
      and case when p_session is not null then s.id = p_session else s.created_at is distinct from p_kept end
    returning s.created_at
  )
  select array_agg(created_at) into ended from gone;
  if ended is not null then
    update auth_user set ended_sessions = ended_sessions || ended, sessions_ended_at = clock()
    where id = p_user;
  end if;
  return coalesce(cardinality(ended), 0);
end
$$;
