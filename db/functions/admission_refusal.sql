-- Why an outlet does not accept a benefit at an instant, by its partner's admission; null where it does.
-- partner_paused: the partner or the admission is, or has ended; partner_not_admitted: there is none,
-- or none yet, or not for this outlet. Inlinable; touches nothing.
create or replace function admission_refusal(
  p partner,
  a benefit_partner,
  outlet integer,
  standing_at timestamptz
) returns text language sql stable parallel safe as $$
  select case
    when p.paused_at <= standing_at or p.ended_at <= standing_at or a.state in ('paused', 'ended')
      then 'partner_paused'
    when a.state is distinct from 'live' or outlet <> all (a.outlet_ids) then 'partner_not_admitted'
  end
$$;
