import { type SQL, sql } from 'drizzle-orm';
import type { Deed } from '../unions/office.ts';
import type { ProposalAction } from './propose.ts';

/** What it takes to propose an action, still at its confirmation, and what to confirm it. */
export const deedsOf: Record<ProposalAction, { propose: Deed; confirm: Deed }> = {
  'budget.set': { propose: 'money', confirm: 'money' },
  'allocation.set': { propose: 'money', confirm: 'money' },
  'funding.set': { propose: 'money', confirm: 'money' },
  'opening.open': { propose: 'money', confirm: 'money' },
  'admission.set': { propose: 'terms', confirm: 'money' },
  'adjustment.make': { propose: 'money', confirm: 'money' },
  'statement.pay': { propose: 'money', confirm: 'money' },
  'threshold.set': { propose: 'people', confirm: 'people' },
  'draw.run': { propose: 'terms', confirm: 'terms' },
};

/** The same as rows of SQL: action, propose, confirm. */
export const deedRows: SQL = sql.raw(
  Object.entries(deedsOf)
    .map(([action, { propose, confirm }]) => `('${action}', '${propose}', '${confirm}')`)
    .join(', '),
);
