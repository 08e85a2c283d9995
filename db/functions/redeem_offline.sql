-- What redeem() must know of a batch of which devices did something, by position. is_covered: its
-- lease will do, whoever runs beside it: nobody else ends one that is not due within the minute.
-- leases: its lease, null for none that is its device's, its pool's and was open at the scan.
-- lease_slots, card_slots: the first position with the same lease, and with the same card, benefit
-- and day. payers: the union that pays if it is one use too many, 0 for nobody. A plain read;
-- plpgsql, so that its plan is kept.
create or replace function redeem_offline(
  p_items redeem_item_4[],
  p_outcomes text[],
  now timestamptz,
  out is_covered boolean[],
  out leases integer[],
  out lease_slots integer[],
  out card_slots integer[],
  out payers integer[]
) language plpgsql stable as $$
begin
  select
    array_agg(o.is_covered order by o.ord), array_agg(o.lease_id order by o.ord),
    array_agg(o.lease_slot order by o.ord), array_agg(o.card_slot order by o.ord),
    array_agg(o.payer order by o.ord)
  into is_covered, leases, lease_slots, card_slots, payers
  from (
    select i.ord, l.id as lease_id,
      l.returned_at is null and l.returns_at > now + interval '1 minute'
        and l.units - l.used >= sum(i.quantity) filter (
          where coalesce(p_outcomes[i.ord], 'limit_reached') in ('pass_already_used', 'limit_reached')
        ) over (partition by l.id order by i.ord) as is_covered,
      case when l.id is not null then min(i.ord) over (partition by l.id) end as lease_slot,
      min(i.ord) over (
        partition by i.card_number, i.benefit_id, period_start('day', i.scanned_at)
      ) as card_slot,
      case
        -- What a union decided is never the partner's.
        when variance_payer(p, b, t) = 0
          and i.variance not in ('card_replaced', 'card_lost', 'card_blocked') then b.union_id
        else variance_payer(p, b, t)
      end as payer
    from unnest(p_items) i
    left join lease l on l.id = i.lease_id and l.device_id = i.device_id
      and l.allocation_id = i.shared_id and l.expires_at > i.scanned_at
    left join benefit b on b.id = i.benefit_id
    left join outlet t on t.id = i.outlet_id
    left join offline_policy p on p.benefit_id = i.benefit_id
  ) o;
end
$$;
