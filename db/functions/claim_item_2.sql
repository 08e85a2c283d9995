-- claim_item_2: one item on its way through claim(): what was asked and what the first read found.
-- `is_entry`: it takes part in a draw of `wave_id`, or in that of a benefit by lot, and takes no place
-- yet. Made once and never changed: another shape is another number.
do $$
begin
  create type claim_item_2 as (
    ord integer,
    cell smallint,
    id uuid,
    member_id bigint,
    user_id text,
    is_own boolean,
    benefit_id integer,
    session_id integer,
    union_id integer,
    quantity integer,
    waits boolean,
    answers jsonb,
    at timestamptz,
    category text,
    limit_count integer,
    limit_starts timestamptz,
    limit_ends timestamptz,
    home_id integer,
    shared_id integer,
    wave_id integer,
    is_entry boolean,
    hold_minutes smallint,
    needs_approval boolean,
    outcome text
  );
exception
  when duplicate_object then null;
end
$$;
