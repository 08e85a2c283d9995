-- Housekeeping: links up to p_most audit entries into their chains, one a district and one of the city for what belongs to
-- no district, and answers how many. Entries come in the order of their transactions, and of their ids within one, and
-- only those before every transaction that is still under way: nothing can appear before what is linked. A number that
-- no transaction has reached yet is of the server that a copy was taken from; its transaction is over. Who links holds
-- the horizon; a second one finds it held, and leaves.
create or replace function chain_link(p_most int) returns int language plpgsql volatile as $$
#variable_conflict use_column
declare
  since xid8;
  until xid8 := pg_snapshot_xmin(pg_current_snapshot());
  beyond xid8 := pg_snapshot_xmax(pg_current_snapshot());
  last_txid xid8;
  entry audit_entry;
  chain int;
  head record;
  linked int := 0;
begin
  insert into audit_horizon (id) values (1) on conflict do nothing;
  select horizon into since from audit_horizon where id = 1 for no key update skip locked;
  if not found then
    return 0;
  end if;
  if since >= beyond then
    since := '0';
  end if;

  for entry in
    select e.* from audit_entry e
    where e.txid >= since and (e.txid < until or e.txid >= beyond)
      and not exists (select from audit_link l where l.entry_id = e.id)
    order by e.txid, e.id
    limit p_most
  loop
    select coalesce(u.district_id, u.path[1]) into chain from trade_union u where u.id = entry.union_id;
    select l.seq, l.hash into head from audit_link l where l.chain_id = chain order by l.seq desc limit 1;
    insert into audit_link (chain_id, seq, entry_id, hash, linked_at)
    values (chain, coalesce(head.seq, 0) + 1, entry.id, audit_hash(head.hash, chain, entry), clock());
    linked := linked + 1;
    last_txid := entry.txid;
  end loop;
  update audit_horizon set horizon = case when linked < p_most then until else least(last_txid, until) end
  where id = 1;
  return linked;
end
$$;
