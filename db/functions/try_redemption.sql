-- A test redemption: what redeem() says of this one item if its admission were live and its benefit
-- published, as jsonb {outcome, detail, priceFen}; then everything it did is rolled back, so that
-- nothing is counted, paid or used up, the pass neither. Only for an admission in testing; null
-- for any other. Who asks must be of the outlet, as redeem() judges. Keeps the outcome in `trial`,
-- without the member, unless it says nothing about the admission: a session that ended, or an
-- operator who is not there. Locks the admission, then what redeem() locks; nobody who redeems
-- waits for an admission in testing.
create or replace function try_redemption(p_item jsonb) returns jsonb language plpgsql as $$
declare
  place outlet;
  tested benefit_partner;
  tester integer;
  answer record;
begin
  select * into place from outlet o where o.id = (p_item ->> 'outlet')::integer;
  select o.id into tester from operator o
  where o.user_id = p_item ->> 'user' and o.partner_id = place.partner_id;
  select * into tested from benefit_partner a
  where a.benefit_id = (p_item ->> 'benefit')::integer and a.partner_id = place.partner_id
    and a.state = 'testing'
  for no key update;
  if tested.benefit_id is null or tester is null then
    return null;
  end if;

  begin
    update benefit_partner a set state = 'live'
    where a.benefit_id = tested.benefit_id and a.partner_id = tested.partner_id;
    -- Whether the counter works is tried, not whether somebody has a claim.
    update benefit b set stage = 'published', claim_kind = null
    where b.id = tested.benefit_id and (b.stage = 'test' or b.claim_kind is not null);
    select r.outcome, r.detail, r.price_fen into answer from redeem(jsonb_build_array(p_item)) r;
    raise exception 'tried' using errcode = 'TRIED';
  exception when sqlstate 'TRIED' then
    -- The subtransaction is gone; what it answered is not.
  end;

  if answer.outcome not in ('session_revoked', 'operator_suspended') then
    insert into trial (benefit_id, partner_id, outlet_id, operator_id, outcome, at, passed_at)
    values (tested.benefit_id, tested.partner_id, place.id, tester, answer.outcome, clock(),
      case when answer.outcome = 'accepted' then clock() end)
    on conflict (benefit_id, partner_id, outlet_id) do update
    set operator_id = excluded.operator_id, outcome = excluded.outcome, at = excluded.at,
      passed_at = coalesce(excluded.passed_at, trial.passed_at);
  end if;
  return jsonb_build_object(
    'outcome', answer.outcome, 'detail', answer.detail, 'priceFen', answer.price_fen
  );
end
$$;
