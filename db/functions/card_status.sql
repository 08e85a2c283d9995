-- The numbers of the cards that a pass could still name and that must be refused: those that ended
-- within p_since, and those of members who left within it. A pass is no older than its booklet, so
-- with two hours and a little no older card needs to be named. A plain read, in order; the instant
-- is a subquery, because an index is not read by a volatile function.
create or replace function card_status(p_since interval) returns setof bigint
language sql volatile as $$
  select c.number from card c
  where c.ended_at > (select clock() - p_since)
  union
  select c.number
  from affiliation a
  join card c on c.cell = a.cell and c.member_id = a.member_id and c.status = 'live'
  where a.ended_at > (select clock() - p_since)
    and not exists (
      select from affiliation o
      where o.cell = a.cell and o.member_id = a.member_id and o.ended_at is null
    )
  order by 1
$$;
