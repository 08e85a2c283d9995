-- What is to be judged next of a device: the kept scans right after its last judged one, without a
-- gap, in order, a hundred at most; of a forked seq the first. A plain read.
create or replace function unjudged_offline_items(p_device integer)
returns table (seq integer, body text) language sql stable as $$
  select next.seq, next.body
  from device d
  cross join lateral (
    select i.seq, i.body, row_number() over (order by i.seq) as place
    from offline_item i
    where i.device_id = d.id and i.seq > d.judged_seq and i.verdict is null
    order by i.seq limit 100
  ) next
  where d.id = p_device and next.seq = d.judged_seq + next.place
  order by next.seq
$$;
