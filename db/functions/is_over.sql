-- Whether nothing can be charged to an allocation any more: its benefit was ended, or the month it
-- serves, or the last one of its benefit, is closed. A plain read.
create or replace function is_over(a allocation) returns boolean
language sql stable as $$
  select b.stage = 'ended' or exists (
    select from period p
    where p.state = 'closed' and p.month = case
      when isfinite(a.starts_at) then month_of(a.starts_at) else month_of(b.ends_at) end)
  from benefit b where b.id = a.benefit_id
$$;
