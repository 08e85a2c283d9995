-- Trigger: the ledger, the reversals and the audit only grow. Refuses every UPDATE, DELETE and
-- TRUNCATE of their tables, whoever asks; what was wrong is put right by a new row.
create or replace function insert_only() returns trigger language plpgsql as $$
begin
  raise exception '% is insert-only: % refused', tg_table_name, lower(tg_op)
    using errcode = 'restrict_violation';
end
$$;

create or replace trigger transfer_is_insert_only
  before update or delete or truncate on transfer execute function insert_only();
create or replace trigger reversal_is_insert_only
  before update or delete or truncate on reversal execute function insert_only();
create or replace trigger audit_entry_is_insert_only
  before update or delete or truncate on audit_entry execute function insert_only();
create or replace trigger audit_link_is_insert_only
  before update or delete or truncate on audit_link execute function insert_only();
