-- Leaves a mark for a claim that was cancelled late or whose member did not come, by the weight its
-- terms have for it, for ninety days; never where the benefit is for health or hardship.
create or replace function mark_claim(c claim, p_kind text, now timestamptz) returns void
language sql volatile as $$
  insert into mark (cell, member_id, claim_id, kind, weight, at, expires_at)
  select c.cell, c.member_id, c.id, p_kind, w.weight, now, now + interval '90 days'
  from claim_terms t
  join benefit b on b.id = t.benefit_id
  cross join lateral (
    select case p_kind when 'no_show' then t.no_show_weight else t.late_cancel_weight end as weight
  ) w
  where t.benefit_id = c.benefit_id and w.weight > 0 and b.kind not in ('health', 'hardship')
  on conflict do nothing
$$;
