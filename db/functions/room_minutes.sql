-- How many minutes a company's members have of a room together in the week, from Monday, that contains an instant: what
-- was asked for and not refused, called off or given up, and what they had, whether or not anybody
-- saw to it who came (lapsed, and not called off). A plain read; exact only under the room's lock.
create or replace function room_minutes(p_benefit integer, p_union integer, p_at timestamptz)
returns integer language sql stable as $$
  select coalesce(sum(extract(epoch from s.ends_at - s.starts_at) / 60), 0)::integer
  from session s
  join claim c on c.session_id = s.id
    and c.state in ('asked', 'held', 'offered', 'confirmed', 'used', 'no_show', 'lapsed')
  where s.benefit_id = p_benefit and s.is_room and s.cancelled_at is null
    and c.union_id = p_union
    and s.starts_at >= period_start('week', p_at) and s.starts_at < period_end('week', p_at)
$$;
