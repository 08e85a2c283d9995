-- The hash of a link: over the link before it (over the chain's number for the first one) and the entry's text.
create or replace function audit_hash(p_before text, p_chain int, e audit_entry) returns text
language sql stable parallel safe as $$
  select encode(
    sha256(convert_to(coalesce(p_before, 'chain ' || p_chain) || E'\n' || audit_text(e), 'UTF8')), 'hex'
  )
$$;
