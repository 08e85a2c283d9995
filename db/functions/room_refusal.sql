-- Why a use that was one too many stays one, although its pass, its limit and its places have room again:
-- category_limit_reached, partner_day_cap_reached, partner_cap_reached, in this order; null where
-- nothing is in its way. Counts what settle_offline is about to change: those that become uses like
-- any other (`p_reasons` null). A plain read.
create or replace function room_refusal(
  p_cell smallint,
  p_id uuid,
  p_cells smallint[],
  p_ids uuid[],
  p_reasons text[]
) returns text language plpgsql stable as $$
begin
  return (
    select case
      when category_left(
        r.cell, r.member_id, b.kind, r.union_id, r.at, same.times, same.units
      ) < r.quantity then 'category_limit_reached'
      when day_left(a, r.at) - here.on_day < r.quantity then 'partner_day_cap_reached'
      when a.cap - a.used - here.units < r.quantity then 'partner_cap_reached'
    end
    from redemption r
    join benefit b on b.id = r.benefit_id
    join outlet t on t.id = r.outlet_id
    left join benefit_partner a on a.benefit_id = r.benefit_id and a.partner_id = t.partner_id
    cross join lateral (
      select coalesce(array_agg(o.at), '{}') as times,
        coalesce(array_agg(o.quantity::integer), '{}') as units
      from unnest(p_cells, p_ids, p_reasons) as f (cell, id, reason)
      join redemption o on o.cell = f.cell and o.id = f.id and o.variance is not null
      join benefit other on other.id = o.benefit_id and other.kind = b.kind
      where f.reason is null and o.cell = r.cell and o.member_id = r.member_id
    ) same
    cross join lateral (
      select coalesce(sum(o.quantity), 0) as units,
        coalesce(sum(o.quantity) filter (where local_day(o.at) = local_day(r.at)), 0) as on_day
      from unnest(p_cells, p_ids, p_reasons) as f (cell, id, reason)
      join redemption o on o.cell = f.cell and o.id = f.id and o.variance is not null
      join outlet p on p.id = o.outlet_id and p.partner_id = t.partner_id
      where f.reason is null and o.benefit_id = r.benefit_id
    ) here
    where r.cell = p_cell and r.id = p_id
  );
end
$$;
