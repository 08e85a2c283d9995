-- What a union bore in the four weeks before today (Asia/Shanghai), every weekday four times. A plain read.
create or replace function four_weeks_fen(p_union integer)
returns bigint language sql stable as $$
  select borne_fen(p_union, day_begin(t.day - 28), day_begin(t.day))
  from (select local_day(clock()) as day) t
$$;
