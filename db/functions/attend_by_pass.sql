-- What a member's pass says at an organiser's door: `{outcome, scannedAt, maskedName, cell, claim,
-- quantity, state, at, walkIns}`. pass_refusal answers alone. Then his claim of that session is attended
-- (attend_claim), a confirmed one before one that is used; claim_needed: he has none, and `walkIns`
-- says how many may still be let in, null where none may. The caller may do so. Locks as
-- attend_claim; a pass is judged by the database's clock, and may be shown again in its minute, as nobody
-- comes in twice on one claim.
create or replace function attend_by_pass(
  p_session integer,
  p_card bigint,
  p_kid smallint,
  p_exp bigint,
  p_by text
) returns jsonb language plpgsql as $$
#variable_conflict use_column
declare
  owner card;
  m member;
  now timestamptz := clock();
  refused text;
  mine uuid;
  said jsonb;
  seen jsonb;
begin
  select x.* into owner from card x where x.cell = (p_card >> 34)::smallint and x.number = p_card;
  select x.* into m from member x where x.cell = owner.cell and x.id = owner.member_id;
  select pass_refusal(owner, a, k, p_exp, now, null, now, now) into refused
  from (values (p_kid)) as q (kid)
  left join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
  left join signing_key k on k.kid = q.kid;
  if refused is not null then
    return jsonb_build_object('outcome', refused);
  end if;

  seen := jsonb_build_object(
    'scannedAt', iso(now), 'maskedName', masked_name(m.name), 'cell', m.cell
  );
  select c.id into mine from claim c
  where c.cell = m.cell and c.member_id = m.id and c.session_id = p_session
    and c.state in ('confirmed', 'used')
  order by c.state, c.made_at, c.id
  limit 1;
  if mine is null then
    return seen || jsonb_build_object(
      'outcome', 'claim_needed',
      'walkIns', (
        select walk_ins_left(s, t, now)
        from session s join claim_terms t on t.benefit_id = s.benefit_id
        where s.id = p_session
      )
    );
  end if;
  said := attend_claim(mine, p_by, null);
  return seen || said || jsonb_build_object('claim', mine);
end
$$;
