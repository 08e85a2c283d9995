-- Writes the notice of whatever pauses, goes on or ends: a benefit, a partner, an outlet, or a partner's
-- admission to a benefit. A benefit that was never published, an admission that was never live, and a
-- partner without one that ever was, is nobody's news; one that had ended and is live anew goes on; a partner that ends is one, not one for
-- each of its admissions. Fires for each changed row, in the change's own transaction; locks nothing.
-- The reason of a benefit's pause stays in the union, the other ones are what members read.
create or replace function tell_holders() returns trigger language plpgsql as $$
declare
  change text;
begin
  case tg_table_name
    when 'benefit' then
      change := case
        when new.stage = 'ended' and old.stage = 'published' then 'ended'
        when new.stage <> 'published' then null
        when new.paused_at is not null and old.paused_at is null then 'paused'
        when new.paused_at is null and old.paused_at is not null then 'resumed'
      end;
      insert into notice (change, benefit_id, at)
      select change, new.id, clock() where change is not null;
    when 'partner' then
      change := case
        when new.ended_at is not null and old.ended_at is null then 'ended'
        when new.paused_at is not null and old.paused_at is null then 'paused'
        when new.paused_at is null and old.paused_at is not null then 'resumed'
      end;
      insert into notice (change, partner_id, reason, at)
      select change, new.id, coalesce(new.end_reason, new.pause_reason), clock()
      where change is not null and exists (
        select from benefit_partner a where a.partner_id = new.id and a.state <> 'testing');
    when 'outlet' then
      change := case
        when new.closed_at is not null and old.closed_at is null then 'ended'
        when new.closed_at is null and old.closed_at is not null then 'resumed'
      end;
      insert into notice (change, partner_id, outlet_id, reason, at)
      select change, new.partner_id, new.id, new.close_reason, clock()
      where change is not null and exists (
        select from benefit_partner a where a.partner_id = new.partner_id and a.state <> 'testing');
    else
      change := case
        when new.state = old.state then null
        when new.state = 'live' and (old.state = 'paused' or exists (
          select from notice n
          where n.benefit_id = new.benefit_id and n.partner_id = new.partner_id)) then 'resumed'
        when new.state in ('paused', 'ended') and old.state <> 'testing' then new.state
      end;
      insert into notice (change, benefit_id, partner_id, reason, at)
      select change, new.benefit_id, new.partner_id, new.state_reason, clock()
      where change is not null
        and exists (select from benefit b where b.id = new.benefit_id and b.stage = 'published')
        and exists (select from partner p where p.id = new.partner_id and p.ended_at is null);
  end case;
  return null;
end
$$;

create or replace trigger benefit_tells_holders
after update of paused_at, stage on benefit for each row execute function tell_holders();
create or replace trigger partner_tells_holders
after update of paused_at, ended_at on partner for each row execute function tell_holders();
create or replace trigger outlet_tells_holders
after update of closed_at on outlet for each row execute function tell_holders();
create or replace trigger benefit_partner_tells_holders
after update of state on benefit_partner for each row execute function tell_holders();
create or replace trigger notice_is_insert_only
before update or delete on notice for each row execute function insert_only();
