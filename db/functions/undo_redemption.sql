-- Undoes one redemption that nobody undid yet, and says whether it did: not where another member's
-- reversal took this id at the same instant. The units go back to where they came from: the
-- allocation, or the lease, and through an ended lease to its pool; a variance without a lease had
-- none. Who was paid pays it back. The pass stays used. The caller holds the member and has read the
-- redemption under that lock; locks the allocation, then the lease.
create or replace function undo_redemption(
  r redemption,
  p_id uuid,
  p_user text,
  p_reason text,
  now timestamptz
) returns boolean language plpgsql as $$
declare
  ended_at timestamptz;
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
    update lease set used = used - r.quantity where id = r.lease_id returning returned_at into ended_at;
    if ended_at is not null then
      update allocation set leased = leased - r.quantity where id = r.allocation_id;
    end if;
  elsif r.variance is null then
    update allocation set used = used - r.quantity where id = r.allocation_id;
  end if;

  insert into transfer (cell, redemption_id, kind, leg, payer_id, payee_id, amount_fen, at)
  select there.cell, there.redemption_id, 'reversal', there.leg, there.payee_id, there.payer_id,
    there.amount_fen, now
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
