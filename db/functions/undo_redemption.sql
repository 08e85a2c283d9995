-- Undoes one redemption that nobody undid yet, and says whether it did: not where another member's
-- reversal took this id at the same instant. The units go back to where they came from: the
-- allocation and its top-up, and there the claim, or the lease, and through an ended lease to its pool, and to an
-- admission that counts; a variance without a lease had none. Who was paid pays it back, leg by
-- leg. The pass stays used. The caller holds the member and has read the redemption under that
-- lock; locks the allocation, then the session where a claim ends by it, the claim, the admission, the lease.
create or replace function undo_redemption(
  r redemption,
  p_id uuid,
  p_user text,
  p_reason text,
  now timestamptz
) returns boolean language plpgsql as $$
declare
  ended_at timestamptz;
  c claim;
  -- Its session was finished, and what was not used has gone back already.
  is_finished boolean;
begin
  insert into reversal (cell, id, redemption_id, user_id, reason, at)
  values (r.cell, p_id, r.id, p_user, p_reason, now)
  on conflict (cell, id) do nothing;
  if not found then
    return false;
  end if;

  update redemption set reversed_at = now where cell = r.cell and id = r.id;
  if r.lease_id is not null then
    perform from allocation a where a.id = r.allocation_id for no key update;
  elsif r.variance is null then
    perform from allocation a where a.id = r.allocation_id for no key update;
    select * into c from claim x where r.claim_id is not null and x.cell = r.cell and x.id = r.claim_id;
    is_finished := c.state = 'used' and c.used < c.quantity;
    update allocation set used = used - r.quantity,
      topped_used = topped_used - case when r.is_topped then r.quantity else 0 end,
      claimed = claimed + case when not is_finished then r.quantity else 0 end,
      topped_claimed = topped_claimed
        + case when not is_finished and r.is_topped then r.quantity else 0 end
    where id = r.allocation_id;
    if is_finished and c.used = r.quantity then
      update session set taken = taken - c.quantity where id = c.session_id;
    end if;
    update claim x
    set used = x.used - r.quantity, changed_at = now, changed_by = p_user, reason = p_reason,
      state = case
        when not is_finished then 'confirmed'
        when x.used > r.quantity then 'used'
        else 'lapsed'
      end
    where r.claim_id is not null and x.cell = r.cell and x.id = r.claim_id;
  end if;
  if r.variance is null then
    update benefit_partner a set used = a.used - r.quantity,
      used_on_day = a.used_on_day - case when a.day = local_day(r.at) then r.quantity else 0 end
    from outlet t
    where t.id = r.outlet_id and a.benefit_id = r.benefit_id and a.partner_id = t.partner_id
      and num_nonnulls(a.cap, a.cap_a_day) > 0;
  end if;
  if r.lease_id is not null then
    update lease set used = used - r.quantity where id = r.lease_id returning returned_at into ended_at;
    if ended_at is not null then
      update allocation set leased = leased - r.quantity where id = r.allocation_id;
    end if;
  end if;

  insert into transfer (
    cell, redemption_id, kind, leg, payer_id, payee_id, creditor_id, amount_fen, at
  )
  select there.cell, there.redemption_id, 'reversal', there.leg, there.payee_id, there.payer_id,
    there.creditor_id, there.amount_fen, now
  from transfer there
  where there.cell = r.cell and there.redemption_id = r.id and there.kind = 'redemption'
    and not exists (
      select from transfer back
      where back.cell = there.cell and back.redemption_id = there.redemption_id
        and back.kind = 'reversal' and back.leg = there.leg
    );
  return true;
end
$$;
