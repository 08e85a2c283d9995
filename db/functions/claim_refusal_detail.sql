-- What a person needs to hear beside a refused claim, null where the reason says it all: when claims open
-- for him, when they closed, how many wait for a full session and how many of its places are held for
-- them. Reasons of benefits and limits: refusal_detail's. Reads only; plpgsql, so that its plans are
-- kept.
create or replace function claim_refusal_detail(
  reason text,
  p_cell smallint,
  p_member bigint,
  p_benefit integer,
  p_session integer,
  p_at timestamptz
) returns jsonb language plpgsql stable as $$
begin
  return case
    when reason is null then null
    when reason = 'claims_not_open' then (
      select jsonb_build_object(
        'again', iso(claims_open_at(b, t) + opening_delay(p_cell, p_member, b.kind, clock()))
      )
      from claim_terms t join benefit b on b.id = t.benefit_id
      where t.benefit_id = p_benefit
    )
    when reason in ('session_full', 'quota_exhausted') then (
      select jsonb_build_object('canWait', t.has_wait_list)
      from claim_terms t where t.benefit_id = p_benefit
    )
    else refusal_detail(reason, p_cell, p_member, null, null, p_benefit, p_at)
  end;
end
$$;
