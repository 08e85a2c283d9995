-- When a session is finished (finish_sessions): until then its organiser says who came. Two hours after its
-- end; a room's three days, as its owner may look after it in the morning only. Null for one
-- without times. Inlinable; touches nothing.
create or replace function finished_at(s session) returns timestamptz
language sql stable parallel safe as $$
  select s.ends_at + case when s.is_room then interval '3 days' else interval '2 hours' end
$$;
