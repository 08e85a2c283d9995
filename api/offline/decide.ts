import { refuse, signedIn } from '../authority.ts';
import type { Ctx, Services } from '../context.ts';
import { Problem } from '../errors.ts';
import { retried } from '../batches/retried.ts';
import { decideItem, type ItemKey, readBody } from './queries.ts';
import { type OfflineItem, readScan } from './read-scan.ts';

export type Decision = { decision: 'pay' | 'reject'; reason: string };

/** Says for good whether a doubtful offline use is paid; for administrators over the union that owns it. */
export async function decide(
  c: Ctx,
  key: ItemKey,
  { decision, reason }: Decision,
): Promise<Decision> {
  const { userId: user, sessionAt, secondFactorAt } = signedIn(c);
  const by = { user, sessionAt, secondFactorAt };
  const item = decision === 'pay' ? await bookable(c.env, key) : undefined;
  const outcome = await retried(() =>
    decideItem(c.env.sql, { ...key, decision, reason, ...(item && { item }), ...by }),
  );
  switch (outcome) {
    case 'decided':
    case 'replayed':
      return { decision, reason };
    case 'already_decided':
    case 'period_closed':
    case 'session_revoked':
      throw new Problem(outcome);
    case 'not_found':
      return refuse(c);
    default:
      throw new Problem('not_payable', { reason: outcome });
  }
}

/** What the scan says, for the database to book where it has not; it decides who may. */
async function bookable(services: Services, key: ItemKey): Promise<OfflineItem | undefined> {
  const body = await retried(() => readBody(services.sql, key));
  const read = body === undefined ? null : await readScan(services, body);
  return read?.fault === null ? read.item : undefined;
}
