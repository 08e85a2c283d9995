-- How much later than others a member may claim, for the marks he has at an instant (design: they delay,
-- they never shut out): ten minutes for a weight of one, an hour for two, a day for three and
-- more. Benefits for health and hardship know no marks. A plain read; inlinable. (A bare `at` would be the mark's own.)
create or replace function opening_delay(
  p_cell smallint,
  p_member bigint,
  p_kind text,
  at timestamptz
) returns interval language sql stable as $$
  select case
    when p_kind in ('health', 'hardship') or coalesce(sum(k.weight), 0) = 0 then interval '0'
    when sum(k.weight) = 1 then interval '10 minutes'
    when sum(k.weight) = 2 then interval '1 hour'
    else interval '1 day'
  end
  from mark k
  where k.cell = p_cell and k.member_id = p_member and k.expires_at > opening_delay.at and k.lifted_at is null
$$;
