-- What a counter says of a session: which, its title and its times. Pure and inlinable.
create or replace function session_brief(s session) returns jsonb language sql stable as $$
  select jsonb_build_object(
    'id', s.id, 'titleZh', s.title_zh, 'titleEn', s.title_en,
    'startsAt', iso(s.starts_at), 'endsAt', iso(s.ends_at)
  )
$$;
