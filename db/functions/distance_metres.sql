-- The great-circle distance between two WGS-84 points, in whole metres; null when one of them is
-- not known. Inlinable.
create or replace function distance_metres(
  from_latitude double precision,
  from_longitude double precision,
  to_latitude double precision,
  to_longitude double precision
) returns integer language sql immutable parallel safe as $$
  -- least() looks past a null, so the unknown is asked for first.
  select case when num_nulls(from_latitude, from_longitude, to_latitude, to_longitude) = 0 then
    round(2 * 6371008.8 * asin(least(1, sqrt(
      sind((to_latitude - from_latitude) / 2) ^ 2
        + cosd(from_latitude) * cosd(to_latitude) * sind((to_longitude - from_longitude) / 2) ^ 2
    ))))::integer
  end
$$;
