-- How many claims wait before this one for the same place; null for one that does not wait. At most a
-- thousand are counted: who is further back needs no number. A plain read of an index range, which is
-- why a session and none are two questions.
create or replace function claim_ahead(c claim) returns integer language sql stable as $$
  select case
    when c.state <> 'waiting' then null
    when c.session_id is not null then (
      select count(*)::integer
      from (
        select from claim w
        where w.session_id = c.session_id and w.state = 'waiting' and w.turn < c.turn
        limit 1000
      ) before
    )
    else (
      select count(*)::integer
      from (
        select from claim w
        where w.session_id is null and w.benefit_id = c.benefit_id and w.state = 'waiting'
          and w.turn < c.turn
        limit 1000
      ) before
    )
  end
$$;
