-- What a union bears of what was booked in [p_from, p_to), in fen: what its two accounts paid, less what came back to
-- them. Whole days come from the roll-up as far as it goes, the rest off the ledger, in one snapshot. A plain read.
create or replace function borne_fen(p_union integer, p_from timestamptz, p_to timestamptz)
returns bigint language plpgsql stable
set plan_cache_mode = force_custom_plan
as $$
declare
  rolled timestamptz := rolled_through();
  first_day date;
  -- The rolled days stand for [first, last).
  first timestamptz;
  last timestamptz;
begin
  if p_from >= p_to then
    return 0;
  end if;
  first_day := case when isfinite(p_from) then local_day(p_from) else '-infinity' end;
  if isfinite(p_from) and day_begin(first_day) < p_from then
    first_day := first_day + 1;
  end if;
  first := case when isfinite(first_day) then day_begin(first_day) else '-infinity' end;
  last := case
    when p_to >= rolled then rolled
    when isfinite(p_to) then day_begin(local_day(p_to))
    else '-infinity'
  end;
  if first >= last then
    return (
      select coalesce(sum(b.fen), 0) from borne_between(p_from, p_to) b where b.union_id = p_union);
  end if;
  return (
    select coalesce(sum(d.fen), 0) from borne_day d
    where d.union_id = p_union and d.day >= first_day
      and (p_to >= rolled or d.day < local_day(last))
  ) + (
    select coalesce(sum(b.fen), 0) from borne_between(p_from, first) b where b.union_id = p_union
  ) + (
    select coalesce(sum(b.fen), 0) from borne_between(last, p_to) b where b.union_id = p_union
  );
end
$$;
