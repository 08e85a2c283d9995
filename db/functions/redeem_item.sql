-- One item on its way through redeem(): what was asked, what the first read found, and its slots,
-- which are the positions of the batch's first item with the same id, pass, limit, home and shared
-- allocation: where redeem() keeps its counts. Dropped and made anew with the functions that use
-- it, in one transaction.
drop type if exists redeem_item cascade;
create type redeem_item as (
  ord integer,
  cell smallint,
  id uuid,
  card_number bigint,
  jti bigint,
  benefit_id integer,
  outlet_id integer,
  quantity integer,
  scanned_at timestamptz,
  member_id bigint,
  operator_id integer,
  payee_id integer,
  price_fen integer,
  limit_count integer,
  limit_period text,
  home_id integer,
  shared_id integer,
  outcome text,
  id_slot integer,
  pass_slot integer,
  limit_slot integer,
  home_slot integer,
  shared_slot integer
);
