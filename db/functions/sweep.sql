-- Housekeeping: deletes sessions, verifications and one-time codes a day after they stopped counting, and ended rate
-- windows, and the instants of sessions that were ended one by one an hour ago. Answers how many rows that were. Safe at any time, also twice at once: nothing it deletes decides anything.
create or replace function sweep() returns integer language sql volatile as $$
  with
    session as (
      delete from auth_session where expires_at < clock() - interval '1 day' returning 1),
    verification as (
      delete from auth_verification where expires_at < clock() - interval '1 day' returning 1),
    code as (
      delete from one_time_code where expires_at < clock() - interval '1 day' returning 1),
    forgotten as (
      update auth_user set ended_sessions = '{}', sessions_ended_at = null
      where sessions_ended_at < clock() - interval '1 hour' returning 1),
    rate as (
      delete from rate_window where ends_at < clock() - interval '1 day' returning 1)
  select (
    (select count(*) from session) + (select count(*) from verification)
    + (select count(*) from forgotten) + (select count(*) from code) + (select count(*) from rate))::integer
$$;
