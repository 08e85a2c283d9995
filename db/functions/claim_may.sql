-- Whether a claim may go from one state to another: forward only (I18). used goes back to confirmed, or,
-- when its session was finished, lapses, by the reversal of its redemption alone. The one home of it; touches nothing.
create or replace function claim_may(before text, after text) returns boolean
language sql immutable parallel safe as $$
  select after = any (case before
    when 'entered' then array['asked', 'held', 'confirmed', 'waiting', 'lost', 'cancelled']
    when 'asked' then array['confirmed', 'refused', 'cancelled', 'lapsed']
    when 'held' then array['confirmed', 'cancelled', 'expired']
    when 'waiting' then array['offered', 'cancelled', 'lapsed']
    when 'offered' then array['asked', 'confirmed', 'cancelled', 'lapsed']
    when 'confirmed' then array['used', 'no_show', 'cancelled', 'lapsed']
    when 'used' then array['confirmed', 'lapsed']
    else array[]::text[]
  end)
$$;
