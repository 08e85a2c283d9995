-- The last step of a close: writes the statements of a month that is closing, from its days, each
-- with the heads of the audit chains of its unions' districts, and closes it. Answers whether it did;
-- not where it is closed already, or nobody began. The caller saw every day added up since the month
-- began to close. Locks the month's row; all or nothing.
create or replace function close_month(p_month date) returns boolean language plpgsql as $$
begin
  perform from period p where p.month = p_month and p.state = 'closing' for no key update;
  if not found then
    return false;
  end if;

  insert into statement (
    month, kind, union_id, other_id, partner_id, lines, redemptions, debit_fen, credit_fen, hash, anchors
  )
  select p_month, s.kind, s.union_id, s.other_id, s.partner_id, s.lines, s.redemptions, s.debit_fen,
    s.credit_fen, s.hash, statement_anchors(s.union_id, s.other_id)
  from month_statements(p_month) s
  order by s.kind desc, s.union_id, s.other_id, s.partner_id;

  update period p
  set state = 'closed', closed_at = clock(), hash = (
    select encode(sha256(convert_to(coalesce(string_agg(
      s.kind || ' ' || s.union_id || ' ' || coalesce(s.other_id, s.partner_id) || ' ' || s.hash || e'\n',
      '' order by s.kind collate "C", s.union_id, s.other_id, s.partner_id
    ), ''), 'UTF8')), 'hex')
    from statement s where s.month = p_month
  )
  where p.month = p_month;
  return true;
end
$$;
