-- What changed of claims on one day (Asia/Shanghai), by the district of the claim's union, the city where that is of none
-- or the claim is not there: how many events, and the sha256, in hexadecimal, over them, each a JSON array and a line
-- feed, in the order of their text: the event, and what never changes of its claim. Reads one day by its blocks, whatever
-- else there is. A plain read.
create or replace function claim_digests(p_day date) returns table (union_id integer, rows integer, hash text)
language sql stable
set jit = off
set enable_seqscan = off
as $$
  with told as (
    select coalesce(u.district_id, u.path[1], (select min(t.id) from trade_union t where t.level = 1)) as chain_id,
      jsonb_build_array('claim', e.id, e.cell, e.member_id, e.claim_id, c.benefit_id, c.union_id, c.quantity,
        e.before, e.state, e.session_id, e.by, e.reason, extract(epoch from e.at))::text as line
    from claim_event e
    left join claim c on c.cell = e.cell and c.id = e.claim_id
    left join trade_union u on u.id = c.union_id
    where e.at >= day_begin(p_day) and e.at < day_begin(p_day + 1)
  )
  select t.chain_id, count(*)::integer,
    encode(sha256(convert_to(string_agg(t.line || e'\n', '' order by t.line collate "C"), 'UTF8')), 'hex')
  from told t
  group by t.chain_id
$$;
