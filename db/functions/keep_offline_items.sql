-- Keeps what a device uploaded, `[{seq, hash, body}]` in a row, before anything is decided; p_prev is
-- the hash that the device says came before. Twice is once. One seq with two texts is a fork: the
-- first is the scan, another one waits for the union (seq_forked), and so does what comes after the
-- union declared its gap lost (declared_lost). Raises device_fork where a seq has two texts or the
-- chain does not fit its neighbours, and device_gap at the first seq that is missing while later
-- ones are there; a gap that filled closes by itself, without a reason. Locks the device.
create or replace function keep_offline_items(p_device integer, p_prev text, p_items jsonb)
returns void language plpgsql as $$
declare
  host device;
  owner integer;
  now timestamptz;
  missing integer;
begin
  select * into host from device d where d.id = p_device for no key update;
  select p.union_id into owner
  from outlet t join partner p on p.id = t.partner_id where t.id = host.outlet_id;
  now := clock();
  update device set seen_at = now where id = p_device;

  with sent as (
    select q.* from jsonb_to_recordset(p_items) as q (seq integer, hash text, body text)
  ),
  kept as (
    insert into offline_item (
      device_id, seq, hash, body, received_at, union_id, verdict, reason
    )
    select p_device, s.seq, s.hash, s.body, now, owner,
      case when why.reason is not null then 'needs_review' end, why.reason
    from sent s
    cross join lateral (
      select case
        when exists (
          select from offline_item other
          where other.device_id = p_device and other.seq = s.seq and other.hash <> s.hash
        ) then 'seq_forked'
        when s.seq <= host.judged_seq then 'declared_lost'
      end as reason
    ) why
    on conflict do nothing
    returning seq, hash, reason
  )
  insert into alert (kind, device_id, seq, union_id, raised_at)
  select 'device_fork', p_device, fork.seq, owner, now
  from (
    select k.seq from kept k where k.reason = 'seq_forked'
    union
    -- The first one does not follow what is kept before it.
    select s.seq from sent s
    where s.seq = (select min(seq) from sent)
      and case
        when s.seq = 1 then p_prev <> repeat('0', 64)
        else exists (
          select from offline_item b where b.device_id = p_device and b.seq = s.seq - 1
        ) and not exists (
          select from offline_item b
          where b.device_id = p_device and b.seq = s.seq - 1 and b.hash = p_prev
        )
      end
    union
    -- What is kept after the last one does not follow it.
    select n.seq
    from sent s
    join offline_item n on n.device_id = p_device and n.seq = s.seq + 1
    where s.seq = (select max(seq) from sent)
    group by n.seq
    having not bool_or(
      n.hash = encode(sha256(convert_to(s.hash || E'\n' || n.body, 'UTF8')), 'hex')
      or exists (
        select from offline_item f
        where f.device_id = p_device and f.seq = s.seq and f.hash <> s.hash
      )
    )
  ) fork
  on conflict (device_id, kind, seq) do nothing;

  select run.seq + 1 into missing
  from (
    select host.judged_seq as seq
    union
    select i.seq from offline_item i where i.device_id = p_device and i.seq > host.judged_seq
  ) run
  where not exists (
    select from offline_item i where i.device_id = p_device and i.seq = run.seq + 1
  )
  order by run.seq limit 1;
  missing := (
    select missing where exists (
      select from offline_item i where i.device_id = p_device and i.seq > missing
    )
  );

  update alert set closed_at = now
  where device_id = p_device and kind = 'device_gap' and closed_at is null
    and seq is distinct from missing;
  insert into alert (kind, device_id, seq, union_id, raised_at)
  select 'device_gap', p_device, missing, owner, now where missing is not null
  on conflict (device_id, kind, seq) do nothing;
end
$$;
