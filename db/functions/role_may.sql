-- What a role of a union's own people lets its holder do (design decision 16); the one home of it. read: everything of
-- the union and those below it. terms: benefits, partners, notices, restrictions. money: budgets, allocations, funding,
-- openings, statements, disputes, adjustments, invoices. people: officers, invitations, their sessions, the tree.
-- members: roster, imports, printed cards, leavers. operate: devices, operators, alerts, blocks, reversals, offline
-- reviews. verify: the audit chain. False for roles of other people and for deeds that there are not.
create or replace function role_may(p_role text, p_deed text) returns boolean
language sql immutable parallel safe as $$
  select case p_role
    when 'administrator'
      then p_deed in ('read', 'terms', 'money', 'people', 'members', 'operate', 'verify')
    when 'deputy' then p_deed in ('read', 'terms', 'money', 'members', 'operate', 'verify')
    when 'finance' then p_deed in ('read', 'money')
    when 'editor' then p_deed in ('read', 'terms', 'members')
    when 'viewer' then p_deed = 'read'
    when 'auditor' then p_deed in ('read', 'verify')
    else false
  end
$$;
