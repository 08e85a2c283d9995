-- What a merchant may see of a member's name: its first character and ＊ (decision 15).
create or replace function masked_name(name text) returns text language sql immutable parallel safe as $$
  select left(name, 1) || '＊'
$$;
