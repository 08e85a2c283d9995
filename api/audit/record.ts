import { sql } from 'drizzle-orm';
import type { Orm } from '../../db/client.ts';
import { auditEntry } from '../../db/schema/audit.ts';

export const actions = [
  'benefit.create',
  'benefit.change',
  'benefit.pause',
  'benefit.resume',
  'allocation.set',
  'partner.admit',
  'partner.remove',
  'operator.suspend',
  'operator.readmit',
  'alert.close',
  'members.import',
  'administrator.create',
] as const;

export const subjects = ['benefit', 'operator', 'alert', 'member', 'union'] as const;

export type Tx = Parameters<Parameters<Orm['transaction']>[0]>[0];

export type Change = {
  userId: string;
  /** The union whose people may read the entry, and with it those above. */
  unionId: number;
  action: (typeof actions)[number];
  subject: (typeof subjects)[number];
  subjectId: number | string;
  reason: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
};

/** Writes the one audit entry of an administrative change, in the change's own transaction (I20). */
export async function record(tx: Tx, change: Change): Promise<void> {
  await tx
    .insert(auditEntry)
    .values({ ...change, subjectId: String(change.subjectId), at: sql`clock()` });
}
