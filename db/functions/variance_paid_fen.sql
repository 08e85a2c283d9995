-- What the last transfer to the partner moved for a use that was one too many; 0 when there is none, or
-- when it was taken back although the use still stands: then the partner bears it. A plain read.
create or replace function variance_paid_fen(p_cell smallint, p_id uuid, is_reversed boolean)
returns bigint
language plpgsql stable as $$
begin
  return coalesce((
    select t.amount_fen from transfer t
    where t.cell = p_cell and t.redemption_id = p_id and t.kind = 'redemption'
      and (is_reversed or not exists (
        select from transfer back
        where back.cell = t.cell and back.redemption_id = t.redemption_id
          and back.kind = 'reversal' and back.leg = t.leg))
    order by t.leg desc limit 1
  ), 0);
end
$$;
