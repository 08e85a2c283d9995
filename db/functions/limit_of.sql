-- How many units of a benefit a member may use in its period, with a card of that kind: a family has
-- the limit of each of its heads, a printed card at most its lower one. Inlinable; touches nothing.
create or replace function limit_of(b benefit, family smallint, card_kind text) returns integer
language sql immutable parallel safe as $$
  select case
    when card_kind = 'printed' then least(
      b.limit_count * case when b.limit_family then family else 1 end, b.printed_limit
    )
    else b.limit_count * case when b.limit_family then family else 1 end
  end
$$;
