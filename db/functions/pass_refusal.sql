-- Why a pass does not count, whoever looks at it, null when it does: the standing of card, member, key
-- and pass, and the age of the scan. Answers, in this order: card_unknown, card_replaced, card_lost,
-- card_blocked, member_left, scan_expired, key_revoked, pass_not_yet_valid, pass_expired. What is
-- judged when: standing_refusal, of which it is the second half; asked alone at an organiser's door.
-- Pure and inlinable.
create or replace function pass_refusal(
  c card,
  a affiliation,
  k signing_key,
  expires bigint,
  scanned_at timestamptz,
  valid_until timestamptz,
  standing_at timestamptz,
  card_at timestamptz
) returns text language sql stable parallel safe as $$
  select case
    when c.number is null then 'card_unknown'
    when c.ended_at <= card_at then 'card_' || c.status
    when a.union_id is null then 'member_left'
    when standing_at > valid_until then 'scan_expired'
    when k.kid is null or k.revoked_at <= standing_at or k.retires_at <= scanned_at then 'key_revoked'
    when scanned_at < to_timestamp(expires) - interval '70 seconds' then 'pass_not_yet_valid'
    when scanned_at >= to_timestamp(expires) then 'pass_expired'
  end
$$;
