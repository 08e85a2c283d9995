import { eq, getTableColumns } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import { offlinePolicy, type OfflineTerms } from '../../db/schema/leases.ts';

const { benefitId: key, ...columns } = getTableColumns(offlinePolicy);

/** A benefit's leave to be used without a network; null: it has none. Changes under the benefit's lock alone. */
export async function offlineTermsOf(tx: Tx, benefitId: number): Promise<OfflineTerms | null> {
  const [row] = await tx.select(columns).from(offlinePolicy).where(eq(key, benefitId));
  return row ?? null;
}

/** Without leave no lease is renewed; those that devices hold stay good until they expire. */
export async function setOfflineTerms(
  tx: Tx,
  benefitId: number,
  terms: OfflineTerms | null,
): Promise<void> {
  if (terms === null) {
    await tx.delete(offlinePolicy).where(eq(key, benefitId));
    return;
  }
  await tx
    .insert(offlinePolicy)
    .values({ benefitId, ...terms })
    .onConflictDoUpdate({ target: key, set: terms });
}
