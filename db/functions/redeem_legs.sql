-- What the payers of the items' funding rules bear, for redeem(): one element a leg, of those items
-- that are charged to an allocation, have a rule, and are neither a variance nor topped up. A leg's
-- number is its share's place in the rule; a share that bears nothing has none. co_payments and
-- discounts are what members and partners bear, by the item's position. One split for all items that
-- cost the same. A plain read; plpgsql, so that its plan is kept.
create or replace function redeem_legs(
  p_items redeem_item_4[],
  p_charged integer[],
  p_variances text[],
  p_topped boolean[],
  out ids uuid[],
  out legs smallint[],
  out payers integer[],
  out payees integer[],
  out creditors integer[],
  out amounts bigint[],
  out co_payments bigint[],
  out discounts bigint[]
) language plpgsql stable as $$
declare
  -- Of the legs that are settled at the counter: their items, and who bears them.
  ords integer[];
  kinds text[];
  fens bigint[];
begin
  with charged as materialized (
    select i.ord, i.id, i.benefit_id, i.price_fen, i.quantity, i.funding, i.union_id,
      i.partner_id, i.host_id, i.headquarters_id, i.payee_id, p_charged[i.ord] as allocation_id
    from unnest(p_items) i
    where i.funding is not null and p_charged[i.ord] is not null
      and p_variances[i.ord] is null and p_topped[i.ord] is not true
  ),
  rule as materialized (
    select d.benefit_id, d.price_fen, d.quantity, d.funding,
      split(d.funding, d.price_fen, d.quantity) as amounts
    from (
      select distinct on (c.benefit_id, c.price_fen, c.quantity) c.* from charged c
      order by c.benefit_id, c.price_fen, c.quantity
    ) d
  ),
  leg as materialized (
    select c.ord, c.id, s.place, s.payer, r.amounts[s.place] as amount_fen,
      case when s.payer in ('discount', 'co_payment') then counter.id else c.payee_id end as payee_id,
      case when s.payer not in ('discount', 'co_payment') then c.headquarters_id end as creditor_id,
      coalesce(
        (
          select x.id from account x
          where x.kind = 'budget' and x.union_id = case s.payer
            when 'owner' then a.union_id
            when 'city' then owner.path[1]
            when 'home' then coalesce(a.district_id, a.union_id)
            when 'host' then c.host_id
            when 'headquarters' then c.headquarters_id
            when 'enterprise' then c.union_id
          end
        ),
        (
          select x.id from account x
          where x.partner_id = c.partner_id and x.kind = 'discount' and s.payer = 'discount'
        ),
        (select x.id from account x where x.kind = 'members' and s.payer = 'co_payment')
      ) as payer_id
    from charged c
    join rule r on r.benefit_id = c.benefit_id and r.price_fen = c.price_fen
      and r.quantity = c.quantity
    cross join lateral (
      select share.place::integer, share.rule ->> 'payer' as payer
      from jsonb_array_elements(r.funding) with ordinality as share (rule, place)
    ) s
    join allocation a on a.id = c.allocation_id
    join trade_union owner on owner.id = a.union_id
    left join account counter on counter.partner_id = c.partner_id and counter.kind = 'counter'
    where r.amounts[s.place] > 0
  )
  select array_agg(l.id), array_agg(l.place::smallint), array_agg(l.payer_id),
    array_agg(l.payee_id), array_agg(l.creditor_id), array_agg(l.amount_fen),
    array_agg(l.ord) filter (where l.payer in ('co_payment', 'discount')),
    array_agg(l.payer) filter (where l.payer in ('co_payment', 'discount')),
    array_agg(l.amount_fen) filter (where l.payer in ('co_payment', 'discount'))
  into ids, legs, payers, payees, creditors, amounts, ords, kinds, fens
  from leg l;

  for place in 1 .. coalesce(cardinality(ords), 0) loop
    if kinds[place] = 'co_payment' then
      co_payments[ords[place]] := fens[place];
    else
      discounts[ords[place]] := fens[place];
    end if;
  end loop;
end
$$;
