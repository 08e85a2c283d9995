-- Opens the waves of a benefit whose seconds of entry are over: adds their units to the sessions, offers
-- them to who has waited since an earlier wave, and draws the rest among those who entered, once: by
-- SHA-256 of a seed that is made now and stored, and the claim's id. Answers how many waves. Safe at any
-- time, also twice at once. Locks the wave, then lock_places, then claims' rows, so one benefit a
-- transaction; an entry holds the wave while it is written, so none is missed.
create or replace function open_waves(p_benefit integer) returns integer language plpgsql as $$
declare
  w wave;
  now timestamptz;
  drawn_seed text;
  entries record;
  opened integer := 0;
begin
  for w in
    select * from wave x
    where x.opened_at is null and x.opens_at + make_interval(secs => x.entry_seconds) <= clock()
      and x.benefit_id = p_benefit
    order by x.id
  loop
    select * into w from wave x where x.id = w.id for update;
    continue when w.opened_at is not null;
    perform lock_places(
      w.benefit_id, array(select s.id from session s where s.benefit_id = w.benefit_id)
    );
    now := clock();
    drawn_seed := encode(
      sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex'
    );
    update session s set cap = s.cap + u.units
    from wave_units u where u.wave_id = w.id and s.id = u.session_id and s.cancelled_at is null;
    perform offer_places(w.benefit_id, null, now);
    select array_agg(c.cell order by o.lot) as cells, array_agg(c.id order by o.lot) as ids
    into entries
    from claim c
    cross join lateral (select sha256(convert_to(drawn_seed || c.id::text, 'UTF8')) as lot) o
    where c.benefit_id = w.benefit_id and c.state = 'entered';
    perform give_places(w.benefit_id, entries.cells, entries.ids, now);
    update wave x set opened_at = now, seed = drawn_seed where x.id = w.id;
    opened := opened + 1;
  end loop;
  return opened;
end
$$;
