-- Whether a union has blocked the member's cards. The card of a proxy who is none any more is blocked
-- for good and says nothing about the others. A plain read; inlinable.
create or replace function is_blocked(p_cell smallint, p_member bigint) returns boolean
language sql stable as $$
  select exists (
    select from card c
    left join proxy p on p.id = c.proxy_id
    where c.cell = p_cell and c.member_id = p_member and c.status = 'blocked'
      and (c.proxy_id is null or p.ended_at is null)
  )
$$;
