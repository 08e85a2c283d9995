-- What each union bears at each partner of one day's lines (Asia/Shanghai), from the ledger itself:
-- the one home of what a part is. `hash` is the sha256, in hexadecimal, of its lines ordered by
-- redemption, kind and leg, each "<redemption> <kind> <leg> charge|return <fen> <booked at, UTC>" and
-- a line feed. A redemption whose legs were moved on another day, as an earlier scan came without a
-- network, is counted on the first of its days of the month, for its union and as a head. One sort of
-- one day, whatever the month holds, and a look for what does not begin with a first leg. A plain read.
create or replace function day_parts(p_day date) returns setof ledger_part
language sql stable
set datestyle = 'ISO'
set jit = off
as $$
  select p_day, l.partner_id, l.union_id, l.creditor_id, count(*)::integer,
    count(distinct l.redemption_id) filter (
      where l.kind = 'redemption' and l.union_id <> all (l.counted)
    )::integer,
    count(*) filter (where l.kind = 'redemption' and l.place = 1 and l.counted = '{}')::integer,
    coalesce(sum(l.amount_fen) filter (where l.is_charge), 0)::bigint,
    coalesce(sum(l.amount_fen) filter (where not l.is_charge), 0)::bigint,
    encode(sha256(convert_to(string_agg(
      l.redemption_id || ' ' || l.kind || ' ' || l.leg
        || case when l.is_charge then ' charge ' else ' return ' end || l.amount_fen
        || ' ' || (l.at at time zone 'UTC') || e'\n',
      '' order by l.redemption_id, l.kind collate "C", l.leg
    ), 'UTF8')), 'hex')
  from (
    select w.*,
      case when w.kind = 'redemption' and w.first_leg > 1 then array(
        select payer.union_id
        from transfer t
        join account payer on payer.id = t.payer_id
        join account payee on payee.id = t.payee_id and payee.kind = 'payable'
        where t.cell = w.cell and t.redemption_id = w.redemption_id and t.kind = 'redemption'
          and t.leg < w.first_leg and t.creditor_id = w.creditor_id
          and t.at >= day_begin(date_trunc('month', p_day)::date)
      ) else '{}' end as counted
    from (
      select legs.*, row_number() over its_legs as place, min(legs.leg) over its_legs as first_leg
      from payable_legs(day_begin(p_day), day_begin(p_day + 1)) legs
      window its_legs as (partition by legs.redemption_id, legs.kind order by legs.leg)
    ) w
  ) l
  group by l.partner_id, l.union_id, l.creditor_id
$$;
