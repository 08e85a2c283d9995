-- An instant as JSON carries it: ISO 8601, UTC, milliseconds, whatever the session's time zone;
-- null for infinity.
create or replace function iso(at timestamptz) returns text language sql stable parallel safe as $$
  select case when isfinite(at) then to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') end
$$;
