-- The only time in SQL (decision 14). Production reads the machine's clock; a test database
-- replaces this function, and with it every window, period and expiry. Volatile on purpose: under a
-- lock it tells the time of the lock, not of the statement's start. Touches nothing.
create or replace function clock() returns timestamptz language sql volatile parallel safe as $$
  select clock_timestamp()
$$;
