-- Whether somebody has to be admitted to a benefit for it to be used: where it costs something that is paid
-- when a card is scanned, and not where it is free, or a code of the seller's stands for it. A plain
-- read.
create or replace function needs_partner(b benefit) returns boolean language sql stable as $$
  select b.price_fen > 0 and not exists (select from offer_code k where k.benefit_id = b.id)
$$;
