-- The months that something may have been booked in, up to the running one, with how far each is;
-- `is_booked` says whether anything was. They begin with the first that was closed, or, while none was,
-- with the first day of the ledger that was added up, so that no question about months reads the ledger
-- from its beginning; only before both does it. A plain read: of a month that is open, one look.
create or replace function ledger_months() returns table (month date, state text, is_booked boolean)
language plpgsql stable
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  one record;
begin
  for one in
    select g.at::date as month, p.state
    from generate_series(
      coalesce(
        (select min(c.month) from period c),
        (select date_trunc('month', min(d.day)) from ledger_day d),
        (select month_of(min(t.at)) from transfer t),
        month_of(clock())
      ),
      month_of(clock()), interval '1 month'
    ) as g (at)
    left join period p on p.month = g.at::date
  loop
    month := one.month;
    state := coalesce(one.state, 'open');
    is_booked := state <> 'open' or exists (
      select from transfer t
      where t.at >= day_begin(one.month)
        and t.at < day_begin((one.month + interval '1 month')::date)
    );
    return next;
  end loop;
end
$$;
