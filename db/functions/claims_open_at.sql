-- From when a benefit may be claimed (claim_opening), where one asks about one of them. A plain read.
create or replace function claims_open_at(b benefit, t claim_terms) returns timestamptz
language sql stable as $$
  select o.at from claim_opening(b, t) o
$$;
