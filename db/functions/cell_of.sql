-- The cell an id of a redemption or reversal lives in: the low six bits of its last byte (decision
-- 8). Inlinable.
create or replace function cell_of(id uuid) returns smallint language sql immutable parallel safe as $$
  select (get_byte(uuid_send(id), 15) & 63)::smallint
$$;
