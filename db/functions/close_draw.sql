-- Closes the list of a draw when its sign-up is over: freezes who entered, by pseudonym and weight, and
-- the SHA-256 over it, as lines "pseudonym,weight" in the order of the pseudonyms, each ended by a
-- line feed. A pseudonym is the first 20 hex digits of SHA-256("tongka draw <benefit> <claim>"); the
-- weight is draw_weight's. Answers whether it did. Locks the draw; an entry holds it while it is
-- written, so none is missed.
create or replace function close_draw(p_benefit integer) returns boolean language plpgsql as $$
declare
  d draw;
begin
  select * into d from draw x where x.benefit_id = p_benefit for update;
  if d.listed_at is not null or not exists (
    select from claim_terms t where t.benefit_id = p_benefit and t.closes_at <= clock()
  ) or d.benefit_id is null then
    return false;
  end if;
  insert into draw_entry (benefit_id, pseudonym, cell, claim_id, weight)
  select p_benefit,
    left(
      encode(
        sha256(convert_to('tongka draw ' || p_benefit || ' ' || c.id, 'UTF8')), 'hex'
      ),
      20
    ),
    c.cell, c.id, draw_weight(d, c.cell, c.member_id)
  from claim c
  where c.benefit_id = p_benefit and c.state = 'entered';
  update draw x
  set listed_at = clock(), list_hash = encode(sha256(convert_to(draw_list(p_benefit), 'UTF8')), 'hex')
  where x.benefit_id = p_benefit;
  return true;
end
$$;
