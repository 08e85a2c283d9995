-- Why the organiser does not say of a claim that its member came, null when he may: claim_ended (it holds
-- no place), attendance_at_partner (it is used up at a partner's, who is paid for it by that),
-- claim_not_now (before the door of its session opens, or once it is finished, finished_at). `s` null: it has no session. Pure and inlinable.
create or replace function attendance_refusal(c claim, s session, b benefit, t claim_terms, now timestamptz)
returns text language sql stable parallel safe as $$
  select case
    when c.state not in ('confirmed', 'used') then 'claim_ended'
    when s.outlet_id is not null or coalesce(s.price_fen, b.price_fen) > 0
      or c.used > 0 and c.attended_at is null
      then 'attendance_at_partner'
    when now < s.starts_at - make_interval(mins => t.door_minutes)
      or now >= finished_at(s)
      then 'claim_not_now'
  end
$$;
