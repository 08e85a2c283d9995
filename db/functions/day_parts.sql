-- What each union bears at each partner of one day's lines (Asia/Shanghai), from the ledger itself:
-- the one home of what a part is. `hash` is the sha256, in hexadecimal, of its lines ordered by
-- redemption, kind and leg, each "<redemption> <kind> <leg> charge|return <fen> <booked at, UTC>" and
-- a line feed. One sort of one day, whatever the month holds. A plain read.
create or replace function day_parts(p_day date) returns setof ledger_part
language sql stable
set datestyle = 'ISO'
set jit = off
as $$
  select p_day, l.partner_id, l.union_id, l.creditor_id, count(*)::integer,
    count(distinct l.redemption_id) filter (where l.kind = 'redemption')::integer,
    count(*) filter (where l.is_head)::integer,
    coalesce(sum(l.amount_fen) filter (where l.is_charge), 0)::bigint,
    coalesce(sum(l.amount_fen) filter (where not l.is_charge), 0)::bigint,
    encode(sha256(convert_to(string_agg(
      l.redemption_id || ' ' || l.kind || ' ' || l.leg
        || case when l.is_charge then ' charge ' else ' return ' end || l.amount_fen
        || ' ' || (l.at at time zone 'UTC') || e'\n',
      '' order by l.redemption_id, l.kind collate "C", l.leg
    ), 'UTF8')), 'hex')
  from (
    select legs.*,
      legs.kind = 'redemption'
        and row_number() over (partition by legs.redemption_id, legs.kind order by legs.leg) = 1 as is_head
    from payable_legs(day_begin(p_day), day_begin(p_day + 1)) legs
  ) l
  group by l.partner_id, l.union_id, l.creditor_id
$$;
