import { sql } from 'drizzle-orm';
import type { Orm } from '../../db/client.ts';
import { auditEntry } from '../../db/schema/audit.ts';
import type { Audience, Share } from '../../db/schema/benefits.ts';
import type { OfflineTerms } from '../../db/schema/leases.ts';

/** What the chore that seals days writes, for redemptions and for claims: nobody's doing. */
export const sealActions = ['day.seal', 'day.seal_claims'] as const;

export const actions = [
  'benefit.create',
  'benefit.change',
  'benefit.pause',
  'benefit.resume',
  'allocation.set',
  'opening.open',
  'budget.set',
  'benefit.stage',
  'category_limit.set',
  'partner.admit',
  'partner.remove',
  'admission.change',
  'admission.open',
  'admission.pause',
  'partner.pause',
  'partner.resume',
  'partner.end',
  'outlet.add',
  'outlet.change',
  'outlet.close',
  'outlet.open',
  'application.ask',
  'application.accept',
  'application.decline',
  'operator.invite',
  'operator.remove',
  'operator.suspend',
  'operator.readmit',
  'alert.close',
  'card.block',
  'card.unblock',
  'card.print',
  'card.revoke',
  'proxy.appoint',
  'member.erase',
  'members.import',
  'members.undo',
  'members.cancel',
  'member.leave',
  'member.return',
  'transfer.ask',
  'transfer.decide',
  'administrator.create',
  'second_factor.remove',
  'device.pair',
  'device.revoke',
  'offline.decide',
  'officer.invite',
  'invitation.withdraw',
  'invitation.decline',
  'officer.appoint',
  'officer.change',
  'office.delegate',
  'delegation.end',
  'sessions.end',
  'union.create',
  'union.rename',
  'proposal.make',
  'proposal.decline',
  'proposal.withdraw',
  'threshold.set',
  'period.begin',
  'period.close',
  ...sealActions,
  'statement.confirm',
  'dispute.raise',
  'dispute.decline',
  'dispute.withdraw',
  'dispute.dismiss',
  'adjustment.make',
  'line.suspend',
  'line.release',
  'statement.invoice',
  'statement.pay',
  'claims.set',
  'session.add',
  'session.resize',
  'session.cancel',
  'wave.add',
  'claim.decide',
  'mark.lift',
  'draw.commit',
  'draw.run',
  'room.set',
  'codes.add',
] as const;

export const subjects = [
  'benefit',
  'operator',
  'alert',
  'member',
  'union',
  'redemption',
  'device',
  'offline_item',
  'partner',
  'outlet',
  'application',
  'proposal',
  'period',
  'day',
  'statement',
  'officer',
  'invitation',
  'delegation',
  'session',
  'claim',
  'mark',
] as const;

export type Tx = Parameters<Parameters<Orm['transaction']>[0]>[0];

/** The fields that changed, as they are kept. */
export type Fields = Record<
  string,
  string | number | boolean | null | number[] | Share[] | Audience | OfflineTerms | Date
>;

export type Change = {
  userId: string;
  /** The second person, where it took two; absent or null where one was enough. */
  confirmedBy?: string | null;
  /** The union whose people may read the entry, and with it those above. */
  unionId: number;
  action: (typeof actions)[number];
  subject: (typeof subjects)[number];
  subjectId: number | string;
  reason: string | null;
  before: Fields | null;
  after: Fields | null;
};

/** Writes the one audit entry of an administrative change, in the change's own transaction (I20). */
export async function record(tx: Tx, change: Change): Promise<void> {
  await tx
    .insert(auditEntry)
    .values({ ...change, subjectId: String(change.subjectId), at: sql`clock()` });
}
