-- A new random id of a cell, as a client makes it: its last six bits are the cell (decision 8).
create or replace function id_in(p_cell smallint) returns uuid language sql volatile as $$
  select encode(
    set_byte(bytes, 15, (get_byte(bytes, 15) & 192) | p_cell), 'hex'
  )::uuid
  from (select uuid_send(gen_random_uuid()) as bytes) made
$$;
