-- A new live card of a member, under a random number of his cell that nobody has: one on paper, good
-- until p_until, or the one on the phone (p_phone, p_label) of the proxy p_proxy. Answers its number.
-- Ends no other card: one that is live beside it raises unique_violation. The caller holds the member.
create or replace function make_card(
  p_cell smallint,
  p_member bigint,
  p_kind text,
  p_proxy integer,
  p_phone text,
  p_label text,
  p_until timestamptz
) returns bigint language plpgsql volatile as $$
declare
  drawn bytea;
  made bigint;
begin
  loop
    drawn := uuid_send(gen_random_uuid());
    made := (p_cell::bigint << 34) | ((get_byte(drawn, 0)::bigint & 3) << 32)
      | (get_byte(drawn, 1)::bigint << 24) | (get_byte(drawn, 2) << 16)
      | (get_byte(drawn, 3) << 8) | get_byte(drawn, 4);
    insert into card (
      cell, number, member_id, kind, proxy_id, phone_hash, phone_label, enrolled_at, expires_at
    )
    values (p_cell, made, p_member, p_kind, p_proxy, p_phone, p_label, clock(), p_until)
    on conflict (cell, number) do nothing;
    if found then
      return made;
    end if;
  end loop;
end
$$;
