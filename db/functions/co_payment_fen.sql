-- What a member pays at the counter of a use that costs so much, in fen, by a funding rule; 0 where the
-- rule asks nothing of him. Reads nothing.
create or replace function co_payment_fen(p_funding jsonb, p_price_fen bigint, p_quantity integer)
returns bigint language plpgsql immutable parallel safe as $$
begin
  if p_funding is null or not p_funding @> '[{"payer": "co_payment"}]' then
    return 0;
  end if;
  return (
    select coalesce(sum(borne.fen), 0)::bigint
    from jsonb_array_elements(p_funding) with ordinality as share (rule, place)
    join unnest(split(p_funding, p_price_fen, p_quantity)) with ordinality as borne (fen, place)
      on borne.place = share.place
    where share.rule ->> 'payer' = 'co_payment'
  );
end
$$;
