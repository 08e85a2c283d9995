-- Why a claim that counts against no limit yet, as who waits or is offered a place has it, would exceed
-- one: limit_reached, then category_limit_reached; null where none is in its way. Exact only under the
-- member's lock. plpgsql, as category_left. A plain read.
create or replace function limit_refusal(c claim) returns text language plpgsql stable as $$
begin
  return (
    select case
      when c.quantity + u.used + l.claimed > limit_of(b, m.family_size, 'phone')
        then 'limit_reached'
      when category_left(c.cell, c.member_id, b.kind, c.union_id, c.at) < c.quantity
        then 'category_limit_reached'
    end
    from benefit b
    join member m on m.cell = c.cell and m.id = c.member_id
    cross join lateral (
      select limit_start(b.limit_period, b.limit_days, c.at) as starts,
        limit_end(b.limit_period, b.limit_days, c.at) as ends
    ) of
    cross join lateral member_uses(c.cell, c.member_id, b.id, of.starts, of.ends) u
    cross join lateral member_claims(c.cell, c.member_id, b.id, of.starts, of.ends) l
    where b.id = c.benefit_id
  );
end
$$;
