-- redeem_item_4: one item on its way through redeem(): what was asked, what the first read found,
-- and its slots, which are the positions of the batch's first item with the same id, pass, limit,
-- home and shared allocation: where redeem() keeps its counts. `headquarters_id` is the union that
-- contracted the partner, and pays it; `funding` the benefit's rule. Null for most: `category`, the
-- benefit's kind where a category limit holds for the member; `is_capped` where its admission has a
-- cap; the claim that it uses up, and the pool that claim has its place from. `device_id` of what a phone did without a network; then `variance` is a reason found before
-- any lock, and `card_left` what the policy leaves its card on that phone that day. Made once and
-- never changed: another shape is another number, so that the version before can go on while this
-- one begins.
do $$
begin
  create type redeem_item_4 as (
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
    union_id integer,
    operator_id integer,
    partner_id integer,
    host_id integer,
    headquarters_id integer,
    payee_id integer,
    price_fen integer,
    funding jsonb,
    limit_count integer,
    limit_starts timestamptz,
    limit_ends timestamptz,
    category text,
    is_capped boolean,
    home_id integer,
    shared_id integer,
    claim_id uuid,
    claim_pool_id integer,
    claim_topped boolean,
    device_id integer,
    lease_id integer,
    card_left integer,
    variance text,
    outcome text,
    id_slot integer,
    pass_slot integer,
    limit_slot integer,
    home_slot integer,
    shared_slot integer
  );
exception
  when duplicate_object then null;
end
$$;
