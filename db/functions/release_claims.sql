-- Ends these claims in `p_state`, or in the state that each is given, and gives back what they hold: its pool what was not used, its
-- session all of it, but not where nobody else can come any more (no_show), nor where a code was given for it. Answers nothing; offers
-- nothing (offer_places). The caller holds lock_places and has seen that each may go there.
create or replace function release_claims(
  p_cells smallint[],
  p_ids uuid[],
  p_states text[],
  p_by text,
  p_reason text,
  now timestamptz
) returns void language plpgsql as $$
begin
  with gone as (
    select c.*, g.state as after
    from unnest(p_cells, p_ids, p_states) as g (cell, id, state)
    join claim c on c.cell = g.cell and c.id = g.id
  ),
  pools as (
    update allocation a
    set claimed = a.claimed - back.units, topped_claimed = a.topped_claimed - back.topped
    from (
      select g.allocation_id, sum(g.quantity - g.used) as units,
        coalesce(sum(g.quantity - g.used) filter (where g.is_topped), 0) as topped
      from gone g
      where g.state in ('asked', 'held', 'offered', 'confirmed')
      group by g.allocation_id
    ) back
    where a.id = back.allocation_id
  ),
  seats as (
    -- What a room's claim had to itself is free for others, but not what it had until its time was over.
    update session s
    set taken = s.taken - back.units,
      cancelled_at = case when s.is_room and not (back.was_had and s.ends_at <= now) then now else s.cancelled_at end,
      cancel_reason = case
        when s.is_room and not (back.was_had and s.ends_at <= now) then coalesce(p_reason, '')
        else s.cancel_reason
      end
    from (
      select g.session_id, sum(g.quantity) as units, bool_and(g.state = 'confirmed') as was_had
      from gone g
      where g.state in ('asked', 'held', 'offered', 'confirmed') and g.after not in ('no_show', 'used')
        and not exists (select from offer_code k where k.cell = g.cell and k.claim_id = g.id)
      group by g.session_id
    ) back
    where s.id = back.session_id
  )
  update claim c
  set state = g.after, answer_by = null, changed_at = now, changed_by = p_by, reason = p_reason
  from gone g
  where c.cell = g.cell and c.id = g.id;
end
$$;
