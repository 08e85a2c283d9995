-- How many tickets a member has in a draw: one, and as many more as the draw gives to who has never won
-- one and to the tags that he bears; at most a hundred. A plain read.
create or replace function draw_weight(d draw, p_cell smallint, p_member bigint)
returns integer language sql stable as $$
  select least(
    100,
    1 + case
      when not exists (
        select from claim won
        join benefit b on b.id = won.benefit_id and b.claim_kind = 'draw'
        where won.cell = m.cell and won.member_id = m.id
          and won.state in ('confirmed', 'used', 'no_show')
      ) then coalesce((d.weights ->> 'neverWon')::integer, 0)
      else 0
    end + (
      select coalesce(sum(t.value::integer), 0)
      from jsonb_each_text(coalesce(d.weights -> 'tags', '{}')) as t (tag, value)
      where t.tag = any (m.tags)
    )
  )::integer
  from member m
  where m.cell = p_cell and m.id = p_member
$$;
