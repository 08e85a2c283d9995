-- Adds codes to an offer, those that it has not yet, and as many places to its stock, its one session without
-- a time, which is made with the first of them. Answers `{outcome, added, codes, free}`:
-- claims_not_set (no offer, or its sessions are others); codes_not_paid (its price, or a part of it,
-- is a union's, and a code is scanned by nobody who could be paid); claims_exist (it was claimed
-- without codes before); too_many_codes (more than 100,000); or added. What came is offered to who
-- waits. `p_codes` has none twice. The caller may do so, and holds the benefit's lock. Locks lock_places.
create or replace function add_codes(p_benefit integer, p_codes text[]) returns jsonb
language plpgsql as $$
declare
  b benefit;
  stock integer;
  others integer;
  had integer;
  added integer;
begin
  select * into b from benefit x where x.id = p_benefit;
  select count(*) filter (where s.starts_at is not null or s.outlet_id is not null or s.cancelled_at is not null),
    min(s.id) into others, stock
  from session s where s.benefit_id = b.id;
  if b.claim_kind is distinct from 'offer' or others > 0
    or (select count(*) from session s where s.benefit_id = b.id) > 1
  then
    return jsonb_build_object('outcome', 'claims_not_set');
  elsif co_payment_fen(b.funding, b.price_fen, 1) < b.price_fen then
    return jsonb_build_object('outcome', 'codes_not_paid');
  end if;
  perform lock_places(b.id, array[stock]);
  select count(*) into had from offer_code k where k.benefit_id = b.id;
  if had = 0 and exists (select from claim c where c.benefit_id = b.id) then
    return jsonb_build_object('outcome', 'claims_exist');
  end if;
  if had + (
    select count(*) from unnest(p_codes) as q (code)
    where not exists (select from offer_code k where k.benefit_id = b.id and k.code = q.code)
  ) > 100000 then
    return jsonb_build_object('outcome', 'too_many_codes');
  end if;

  insert into offer_code (benefit_id, code)
  select b.id, q.code from unnest(p_codes) with ordinality as q (code, ord)
  order by q.ord
  on conflict (benefit_id, code) do nothing;
  get diagnostics added = row_count;
  if stock is null then
    insert into session (benefit_id, cap) values (b.id, 0) returning id into stock;
  end if;
  perform resize_session(stock, had + added);
  return jsonb_build_object(
    'outcome', 'added', 'added', added, 'codes', had + added, 'session', stock,
    'free', (select count(*) from offer_code k where k.benefit_id = b.id and k.claim_id is null)
  );
end
$$;
