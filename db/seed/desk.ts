import type { Transaction } from '../client.ts';
import { dayMs } from './calendar.ts';

/**
 * What lies on the desks of Dongcheng's people: an invitation that nobody answered, an office lent for a week, and a
 * limit that waits for a second person.
 */
export async function seedDesk(tx: Transaction, now: number): Promise<void> {
  const at = new Date(now - dayMs);
  const until = new Date(now + 6 * dayMs);
  const [union] = await tx<{ id: number; from: number }[]>`
    select id, two_person_fen as "from" from trade_union where name_en = 'Dongcheng District Union'`;
  if (!union) return;
  const people = await tx<{ office: number; userId: string; role: string }[]>`
    select id as office, user_id as "userId", role from officer where union_id = ${union.id}`;
  const of = (role: string) => people.find((one) => one.role === role);
  const [administrator, finance, auditor] = [of('administrator'), of('finance'), of('auditor')];
  if (!administrator || !finance || !auditor) return;
  const entry = (
    userId: string,
    action: string,
    subject: string,
    id: number,
    reason: string,
    after: object,
  ) => tx`
    insert into audit_entry (at, user_id, union_id, action, subject, subject_id, reason, after)
    values (${at}, ${userId}, ${union.id}, ${action}, ${subject}, ${String(id)}, ${reason}, ${tx.json(after as never)})`;

  const [invited] = await tx<{ id: number }[]>`
    insert into invitation (phone_hash, phone_end, name, union_id, role, invited_by, invited_at, expires_at)
    values (repeat('0', 64), '2046', '简宁', ${union.id}, 'editor', ${administrator.userId}, ${at}, ${until})
    returning id`;
  await entry(
    administrator.userId,
    'officer.invite',
    'invitation',
    invited?.id ?? 0,
    '负责惠民福利',
    { role: 'editor' },
  );
  const [lent] = await tx<{ id: number }[]>`
    insert into delegation (officer_id, user_id, reason, starts_at, ends_at)
    values (${finance.office}, ${auditor.userId}, '出差', ${at}, ${until})
    returning id`;
  await entry(finance.userId, 'office.delegate', 'delegation', lent?.id ?? 0, '出差', {
    endsAt: until,
  });
  const raised = 3_000_000;
  const [proposed] = await tx<{ id: number }[]>`
    insert into proposal (union_id, action, subject, subject_id, subject_version, payload, amount_fen, reason,
      proposed_by, proposed_at, expires_at)
    values (${union.id}, 'threshold.set', 'union', ${String(union.id)}, ${String(union.from)},
      ${tx.json({ id: union.id, from: union.from, twoPersonFen: raised })}, ${raised}, '按新的财务制度调整',
      ${administrator.userId}, ${at}, ${until})
    returning id`;
  await entry(
    administrator.userId,
    'proposal.make',
    'proposal',
    proposed?.id ?? 0,
    '按新的财务制度调整',
    {
      action: 'threshold.set',
      amountFen: raised,
    },
  );
}
