-- Why a scan does not count at all, whatever the benefit, null when it does: the standing of
-- session, operator, outlet, card, member, ticket, key and pass. Answers, in this order:
-- session_revoked, operator_suspended (also for whom the outlet is not his), outlet_closed, and what
-- pass_refusal says. Standing is judged at `standing_at`, which is now, or when a
-- device scanned without a network; the card at `card_at`, which is as late as whoever scanned could
-- know of it. The pass is judged at `scanned_at`: it is good for the minute that ends at `expires`
-- (epoch seconds), and ten seconds before it, for a phone's clock that runs ahead. `a` is the
-- affiliation of that instant. Pure and inlinable, like benefit_refusal.
create or replace function standing_refusal(
  u auth_user,
  session_at timestamptz,
  o operator,
  is_posted boolean,
  t outlet,
  c card,
  a affiliation,
  k signing_key,
  expires bigint,
  scanned_at timestamptz,
  valid_until timestamptz,
  standing_at timestamptz,
  card_at timestamptz
) returns text language sql stable parallel safe as $$
  select coalesce(
    case
      when u.id is null or not session_counts(u, session_at) then 'session_revoked'
      when o.id is null or o.suspended_at <= standing_at or not (is_posted or o.role = 'manager')
        then 'operator_suspended'
      when t.closed_at <= standing_at then 'outlet_closed'
    end,
    pass_refusal(c, a, k, expires, scanned_at, valid_until, standing_at, card_at)
  )
$$;
