-- How many units of a session may be let in without a claim at an instant; null where none may: its terms
-- do not allow it, it was called off, its door is not open yet, or it is over. Places that are offered
-- to who waits are theirs. Pure and inlinable; exact only under lock_places.
create or replace function walk_ins_left(s session, t claim_terms, at timestamptz) returns integer
language sql stable parallel safe as $$
  select case
    when t.walk_ins and not s.is_room and s.cancelled_at is null
      and (at >= s.starts_at - make_interval(mins => t.door_minutes)) is not false
      and (at < s.ends_at) is not false
      then s.cap - s.taken
  end
$$;
